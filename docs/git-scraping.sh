#!/bin/sh
# Crawl, write the articles as JSON Lines into a git repository, commit when one of them changed.
# Usage: git-scraping.sh REPOSITORY, in the directory of config.yaml. Needs git and jq.
set -eu
repository=$1

crawled=0
campusnews crawl --quiet || crawled=$?
[ "$crawled" -le 1 ] || exit "$crawled" # 1: a site failed; what the others gave is worth its commit

# What moves every night without any edit stays out: a commit then means that a university changed something.
part=$(mktemp)
trap 'rm -f "$part"' EXIT
campusnews export --output "$part" --force 2>/dev/null
jq -c 'del(.last_seen, .views, .views_observed_at, .views_source)' "$part" >"$repository/news.jsonl"

cd "$repository"
git add news.jsonl
if ! git diff --cached --quiet; then
    git commit --quiet --message "News of $(date -u +%F):$(git diff --cached --shortstat)" # a line is an article
fi
exit "$crawled"
