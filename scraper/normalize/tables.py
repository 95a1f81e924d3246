"""The words and conventions dates and counts are printed with. Pure data.

Month names: CLDR, wide and abbreviated, with the unaccented spellings people type. Zone of a country: IANA
`zone.tab`, for countries whose clocks all agree. Order of day and month: CLDR short date patterns.
"""

from __future__ import annotations

# One character for one character, so a span in the folded text is the same span in the text itself.
FOLD = {0xFEE0 + code: code for code in range(0x21, 0x7F)} | {
    ord(character): folded
    for characters, folded in (("\u00a0\u200b\u200e\u200f\u2060\u3000\ufeff", " "), ("‐‑‒–—―−", "-"))
    for character in characters
}

_MONTH_NAMES = (
    "january jan janvier janv januar jänner jaenner jän enero ene gennaio gen janeiro",
    "february feb février fevrier févr fevr fév fev februar febrero febbraio febb fevereiro",
    "march mar mars märz maerz mär mrz marzo março marco",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio magg mag maio",
    "june jun juin juni junio giugno giu junho",
    "july jul juillet juil juli julio luglio lug julho",
    "august aug août aout agosto ago agto",
    "september sept sep septembre septiembre setiembre set settembre sett setembro",
    "october oct octobre oktober okt octubre ottobre ott outubro out",
    "november nov novembre noviembre novembro",
    "december dec décembre decembre déc dezember dez diciembre dic dicembre dezembro",
)
MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}

CHINESE_DIGITS = str.maketrans("〇零○元一二三四五六七八九", "0001123456789")
CHINESE_TENS = {"廿": "二十", "卅": "三十"}
ERAS = {"民国": 1911, "民國": 1911, "令和": 2018, "平成": 1988}  # the year before the era's first

# Words that say a number beside them counts readers.
COUNTERS = (
    "浏览", "瀏覽", "点击", "點擊", "點閱", "阅读", "閱讀", "访问", "人气", "次", "人次", "조회", "閲覧",
    r"\bviews?\b", r"\bhits?\b", r"\breads?\b", r"\bclicks?\b", r"\bvisits?\b", r"\bvues?\b",
    r"\baufrufe\b", r"\bvisitas?\b",
)  # fmt: skip

# Noon and evening are left out: 晚上12:00 is midnight, 中午1:00 is 13:00, and no meta line prints them.
HALF_DAYS = {
    "am": "am", "pm": "pm",
    "上午": "am", "早上": "am", "凌晨": "am", "午前": "am", "오전": "am",
    "下午": "pm", "午後": "pm", "오후": "pm",
}  # fmt: skip

# Names with one meaning that are no English words (WEST, CAT, EAT). CST is China, Chicago and Cuba, IST is
# India, Ireland and Israel: there the site's zone decides.
ZONE_OFFSETS = {
    "Z": "+00:00", "UTC": "+00:00", "GMT": "+00:00", "BST": "+01:00", "CET": "+01:00", "MEZ": "+01:00",
    "CEST": "+02:00", "MESZ": "+02:00", "EET": "+02:00", "SAST": "+02:00", "EEST": "+03:00", "MSK": "+03:00",
    "HKT": "+08:00", "SGT": "+08:00", "AWST": "+08:00", "北京时间": "+08:00", "北京時間": "+08:00",
    "JST": "+09:00", "KST": "+09:00", "AEST": "+10:00", "AEDT": "+11:00", "NZST": "+12:00", "NZDT": "+13:00",
    "EDT": "-04:00", "EST": "-05:00", "CDT": "-05:00", "MDT": "-06:00", "MST": "-07:00",
    "PDT": "-07:00", "PST": "-08:00", "AKST": "-09:00", "HST": "-10:00",
}  # fmt: skip

COUNTRY_ZONES = {
    "ae": "Asia/Dubai", "at": "Europe/Vienna", "bd": "Asia/Dhaka", "be": "Europe/Brussels",
    "bg": "Europe/Sofia", "bn": "Asia/Brunei", "by": "Europe/Minsk", "ch": "Europe/Zurich",
    "cn": "Asia/Shanghai", "cz": "Europe/Prague", "de": "Europe/Berlin", "dk": "Europe/Copenhagen",
    "ee": "Europe/Tallinn", "eg": "Africa/Cairo", "et": "Africa/Addis_Ababa", "fi": "Europe/Helsinki",
    "fr": "Europe/Paris", "gh": "Africa/Accra", "gr": "Europe/Athens", "hk": "Asia/Hong_Kong",
    "hr": "Europe/Zagreb", "hu": "Europe/Budapest", "ie": "Europe/Dublin", "il": "Asia/Jerusalem",
    "in": "Asia/Kolkata", "iq": "Asia/Baghdad", "ir": "Asia/Tehran", "is": "Atlantic/Reykjavik",
    "it": "Europe/Rome", "jo": "Asia/Amman", "jp": "Asia/Tokyo", "ke": "Africa/Nairobi",
    "kr": "Asia/Seoul", "kw": "Asia/Kuwait", "lb": "Asia/Beirut", "lk": "Asia/Colombo",
    "lt": "Europe/Vilnius", "lu": "Europe/Luxembourg", "lv": "Europe/Riga", "ma": "Africa/Casablanca",
    "mo": "Asia/Macau", "mt": "Europe/Malta", "my": "Asia/Kuala_Lumpur", "ng": "Africa/Lagos",
    "nl": "Europe/Amsterdam", "no": "Europe/Oslo", "np": "Asia/Kathmandu", "pe": "America/Lima",
    "ph": "Asia/Manila", "pk": "Asia/Karachi", "pl": "Europe/Warsaw", "qa": "Asia/Qatar",
    "ro": "Europe/Bucharest", "rs": "Europe/Belgrade", "sa": "Asia/Riyadh", "se": "Europe/Stockholm",
    "sg": "Asia/Singapore", "si": "Europe/Ljubljana", "sk": "Europe/Bratislava", "th": "Asia/Bangkok",
    "tn": "Africa/Tunis", "tr": "Europe/Istanbul", "tw": "Asia/Taipei", "tz": "Africa/Dar_es_Salaam",
    "ug": "Africa/Kampala", "uk": "Europe/London", "uy": "America/Montevideo", "vn": "Asia/Ho_Chi_Minh",
    "za": "Africa/Johannesburg", "zm": "Africa/Lusaka", "zw": "Africa/Harare",
}  # fmt: skip

MONTH_FIRST_DOMAINS = frozenset({"edu", "gov", "mil", "us"})
DAY_FIRST_DOMAINS = frozenset({
    "ae", "ar", "at", "au", "bd", "be", "bg", "br", "ch", "cl", "co", "cz", "de", "dk", "ee", "eg", "es",
    "eu", "fi", "fr", "gr", "hk", "hr", "id", "ie", "il", "in", "it", "jo", "lk", "lu", "lv", "ma", "mx",
    "my", "ng", "nl", "no", "nz", "pe", "pk", "pl", "pt", "qa", "ro", "rs", "ru", "sa", "sg", "si", "sk",
    "th", "tn", "tr", "ua", "ug", "uk", "uy", "ve", "vn", "za", "zm", "zw",
})  # fmt: skip
DAY_FIRST_LANGUAGES = frozenset({
    "ar", "bg", "ca", "cs", "da", "de", "el", "es", "et", "eu", "fi", "fr", "gl", "he", "hr", "id", "is",
    "it", "lv", "ms", "nb", "nl", "nn", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "th", "tr", "uk",
    "vi",
})  # fmt: skip
MONTH_FIRST_REGIONS = frozenset({"us"})
DAY_FIRST_REGIONS = frozenset({
    "au", "gb", "hk", "ie", "in", "my", "ng", "nz", "pk", "sg",
})  # fmt: skip

# What 1.2万 and 1.5k multiply by.
MAGNITUDES = {
    "千": 10**3, "k": 10**3, "万": 10**4, "萬": 10**4, "w": 10**4, "만": 10**4,
    "m": 10**6, "亿": 10**8, "億": 10**8, "억": 10**8, "b": 10**9,
}  # fmt: skip
COUNTED = (
    "人次", r"(?:次|人|人次)(?:浏览|瀏覽|阅读|閱讀|点击|點擊|访问|查看|看过)过?", "次", "人", "条", "條",
    "篇", "项", "項", "件", "个", "個", r"回(?:閲覧)?", "회", "건", "번", "명",
    "views?", "hits?", "reads?", "clicks?", "visits?", "visitors?", "times", "items?", "page ?views?",
    "vues?", "fois", "lectures?", "visites?", "aufrufe", "zugriffe", "klicks?", "mal",
    "visitas?", "vistas?", "visualizaciones", "visualizzazioni", "letture", "acessos?",
)  # fmt: skip
