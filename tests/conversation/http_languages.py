"""Pages speak English and Chinese: ?lang, then the cookie, then Accept-Language by quality, then English."""
from talk import *
from talk.slots import BROWSER, store


def run(t):
    ferry = t.ferry()
    s = store(t, ferry, "a.txt", b"12345")

    def lang(want, path=s.get_path, **headers):
        r = t.get(ferry.url(path), {**BROWSER, **{k.replace("_", "-"): v for k, v in headers.items()}})
        eq(r["Content-Language"], want, f"{headers}")
        ok(f'<html lang="{want}"' in r.text and ("下载" in r.text) == (want == "zh-Hans"), "the words")
        return r
    lang("en")
    lang("en", Accept_Language="de")
    lang("zh-Hans", Accept_Language="zh-CN,zh;q=0.9,en;q=0.8")
    lang("zh-Hans", Accept_Language="zh-TW;q=1,en;q=0.8")
    lang("en", Accept_Language="zh;q=0.5,en-GB;q=0.8")
    lang("zh-Hans", Accept_Language="en", Cookie="lang=zh-Hans")
    r = lang("en", path=s.get_path + "?lang=en", Cookie="lang=zh-Hans")
    ok(r["Set-Cookie"].startswith("lang=en;"), "the switch persists")
    r = t.get(ferry.url("/f/nothing"), {**BROWSER, "Accept-Language": "zh"})
    eq((r.status, r["Content-Language"]), (404, "zh-Hans"))
    ok("Accept-Language" in r["Vary"])
