from __future__ import annotations

from dataclasses import replace

from scraper.baseline import baseline_of, with_details
from storage.records import Article, Attachment, Extractor, Image, Link

FORM = Attachment("http://szqu.example/form.docx", "form.docx")
FETCHED = replace(FORM, media_type="application/msword", size=1300, sha256="ab" * 32)
KEPT = Article(
    "1", "http://szqu.example/1", "szqu", "Chairs", Extractor("webplus", 1), attachments=(FETCHED,)
)


def test_a_file_that_could_not_be_had_is_as_it_was() -> None:
    assert with_details((FORM,), KEPT.attachments) == (FETCHED,)


def test_a_file_that_was_fetched_speaks_for_itself() -> None:
    swapped = replace(FETCHED, sha256="cd" * 32)
    assert with_details((swapped,), KEPT.attachments) == (swapped,)


def test_the_kept_record_is_its_own_baseline_while_nothing_is_better_known() -> None:
    assert baseline_of(KEPT, replace(KEPT, title="Repaired chairs"), None) is None


def test_a_file_first_fetched_today_is_no_edit_of_the_university() -> None:
    unread = replace(KEPT, attachments=(FORM,))
    baseline = baseline_of(unread, KEPT, None)
    assert baseline is not None
    assert baseline.content_digest == KEPT.content_digest


def test_a_record_read_again_keeps_what_its_page_alone_does_not_tell() -> None:
    kept = replace(KEPT, release_time="2026-10-01", provenance={"release_time": "listing"})
    again = replace(KEPT, attachments=(FORM,), extractor=Extractor("webplus", 2))
    baseline = baseline_of(kept, again, again)
    assert baseline is not None
    assert (baseline.release_time, baseline.attachments) == ("2026-10-01", (FETCHED,))


REDESIGNED = Extractor("learned:generic", 2)


def test_what_an_old_page_said_by_any_reading_is_no_edit_in_a_new_design() -> None:
    kept = replace(KEPT, body="A chair.\n\nShare", release_time="2026-10-01T09:00", attachments=())
    reread = replace(kept, body="A chair.", extractor=Extractor("learned:generic", 1))
    article = replace(kept, body="A  chair.", release_time="2026-10-01", extractor=REDESIGNED)
    baseline = baseline_of(kept, article, reread)
    assert baseline is not None
    assert baseline.content_digest == article.content_digest


def test_what_no_reading_of_the_old_page_said_is_an_edit_in_a_new_design() -> None:
    kept = replace(KEPT, body="A chair.", attachments=())
    reread = replace(kept, extractor=Extractor("learned:generic", 1))
    article = replace(kept, body="Two chairs.", title="Chairs!", extractor=REDESIGNED)
    baseline = baseline_of(kept, article, reread)
    assert baseline is not None
    assert (baseline.body, baseline.title) == ("A chair.", "Chairs!")


def test_pictures_that_only_moved_to_another_folder_are_the_same_pictures() -> None:
    kept = replace(KEPT, images=(Image("http://szqu.example/a/chair.jpg"),), attachments=())
    article = replace(kept, images=(Image("http://szqu.example/new/chair.jpg?v=2"),), extractor=REDESIGNED)
    baseline = baseline_of(kept, article, kept)
    assert baseline is not None
    assert baseline.images == article.images


def test_whoever_only_another_design_names_is_no_edit_and_neither_are_links_not_read_before() -> None:
    kept = replace(KEPT, author=None, attachments=())
    reread = replace(kept, author="Ada Marsh", extractor=Extractor("learned:generic", 1))
    links = (Link("http://szqu.example/join", "join"),)
    article = replace(kept, author="Ada Marsh", links=links, extractor=REDESIGNED)
    baseline = baseline_of(kept, article, reread)
    assert baseline is not None
    assert (baseline.author, baseline.links) == ("Ada Marsh", links)
