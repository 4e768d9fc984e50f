/* See docs/widget.md. */
(() => {
const NAME = "groundwire-chat";
if (customElements.get(NAME)) return;
const script = document.currentScript;
const HOME = script ? script.src.split("/widget.js")[0] : "";
const TEXTS = `code|en|fr|es|de
open|“|« |«|„
shut|”| »|»|“
heading|Ask the articles|Interroger les articles|Preguntar a los artículos|Die Artikel fragen
ask|Ask|Demander|Preguntar|Fragen
again|Ask again|Redemander|Repetir|Neu fragen
about|about: |à propos de : |sobre: |zu: 
alone|Ask alone|Demander seul|Preguntar solo|Allein fragen
close|Close|Fermer|Cerrar|Schließen
privacy|Privacy|Confidentialité|Privacidad|Datenschutz
reading|Reading the articles…|Lecture des articles…|Leyendo los artículos…|Lese die Artikel…
none|The articles do not say.|Les articles ne le disent pas.|Los artículos no lo dicen.|Die Artikel sagen es nicht.
direct|stated directly|dit directement|dicho directamente|direkt gesagt
agree|several articles agree|plusieurs articles concordent|varios artículos coinciden|mehrere Artikel einig
indirect|only indirectly|seulement indirectement|solo indirectamente|nur indirekt
related|Related reading|À lire sur le sujet|Para leer sobre el tema|Zum Weiterlesen
here|open at this passage|ouvrir à ce passage|abrir este pasaje|diese Stelle öffnen
archive|open in the archive|ouvrir dans les archives|abrir en el archivo|im Archiv öffnen
lost|Connection lost.|Connexion perdue.|Conexión perdida.|Verbindung verloren.
refused|Not authorised; tell the site.|Non autorisé ; avisez le site.|No autorizado; avise al sitio.|Nicht erlaubt; Website fragen.
limit|Too many questions; wait |Trop de questions ; attendez |Demasiadas preguntas; espere |Zu viele Fragen; Wartezeit `.split("\n").map((line) => line.split("|"));
const words = (lang = "") => {
  const at = TEXTS[0].indexOf(lang.slice(0, 2));
  return Object.fromEntries(TEXTS.map((row) => [row[0], row[at] || row[1]]));
};
const attempt = (work) => { try { return work(); } catch {} };
const make = (name, properties, ...children) => {
  const [tag, className] = name.split(".");
  const element = Object.assign(document.createElement(tag), className && { className }, properties);
  element.append(...children.filter(Boolean));
  return element;
};
const safe = (address) => (/^https?:\/\//i.test(address) ? address : "");

const dated = (dateTime, code) => {
  const then = new Date(dateTime.slice(0, 10));
  const day = then.toLocaleDateString(code + "-150", { dateStyle: "medium", timeZone: "UTC" });
  const days = Math.floor((Date.now() - then) / 864e5);
  const [unit, size] = days > 729 ? ["year", 365] : days > 30 ? ["month", 30.4] : ["day", 1];
  const ages = new Intl.RelativeTimeFormat(code, { numeric: days ? "always" : "auto" });
  const age = ages.format(-Math.floor(days / size), unit).replace("ago", "old");
  return make("span", {}, make("time", { dateTime }, day), ", ", age);
};
const draw = ({ found, text = "", certain, excerpts, related }, { lang, api = HOME, target } = {}) => {
  const texts = words(lang);
  const link = (href, text, name = "a") => make(name, { href, target: target || "_blank", rel: "noopener" }, text);
  const quotation = ({ article, pieces, start, end, deep_link }) => {
    const { id, title, url, source, published, language: lang, content_hash: version } = article;
    const cite = safe(url);
    const deep = safe(deep_link);
    const line = [
      source,
      attempt(() => dated(published, texts.code)),
      attempt(() => new Intl.DisplayNames(texts.code, { type: "language" }).of(lang)),
      deep && link(deep, texts.here),
      link(api + "/article?" + new URLSearchParams({ id, version, start, end }) + "#quoted", texts.archive, "a.gw-archive"),
    ].filter(Boolean).flatMap((part) => [" · ", make("span", {}, part)]);
    return make("li.gw-quote", {},
      make("blockquote", { lang, cite }, ...pieces.map(({ text, mark }) => mark ? make("mark", {}, text) : text)),
      make("p.gw-title", { lang }, cite ? link(deep || cite, title) : title),
      make("p.gw-from", {}, ...line.slice(1)));
  };
  const quoted = found ? excerpts : related;
  const [first] = quoted;
  const plain = text.replace(/\s*\[\d+\]/g, "").trim();
  const agree = quoted.some(({ article, pieces }) =>
    article.id !== first.article.id && pieces.some(({ text, mark }) => mark && text === plain));
  const drawn = new DocumentFragment();
  drawn.append(make("div.gw-answer", {},
    make(plain.length > 90 ? "p.gw-head gw-long" : "p.gw-head", {}, found ? texts.open + plain + texts.shut : texts.none),
    found ? make("p.gw-sure", {}, certain ? (agree ? texts.agree : texts.direct) : texts.indirect)
      : first && make("p.gw-label", {}, texts.related),
    first && make("ol.gw-quotes", {}, ...quoted.map(quotation))));
  if (found) drawn.firstChild.dataset.found = "";
  return drawn;
};
const cardCss = `
.gw-answer{color:var(--gw-ink);font:1em/1.5 var(--gw-serif);overflow-wrap:anywhere}
.gw-answer :not(a){margin:0;unicode-bidi:plaintext}
.gw-answer a{color:inherit;text-decoration-color:var(--gw-accent)}
.gw-head{font-size:1.9em;line-height:1.2}
.gw-long{font-size:1.3em}
.gw-sure,.gw-label,.gw-title,.gw-from{padding-top:.6em;font:.8em/1.5 var(--gw-sans);color:var(--gw-soft)}
.gw-title{font-weight:600;color:var(--gw-ink)}
.gw-quotes{padding:0;padding-inline-start:1.5em}
.gw-answer .gw-quote{margin-top:1.3em;padding-inline-start:1em;border-inline-start:2px solid var(--gw-accent)}
.gw-quote mark{background:var(--gw-mark);color:inherit}
`;
const sheet = new CSSStyleSheet();
sheet.replaceSync(cardCss + `
:host{all:initial!important;display:block!important}
:host::before,:host::after{content:none!important}
.root{--gw-ink:light-dark(#171512,#ece6da);--gw-soft:light-dark(#635c52,#b0a798);--gw-paper:light-dark(#fffdf8,#171512);--gw-mark:#fc04;--gw-serif:Georgia,serif;--gw-sans:system-ui,sans-serif;--most:calc(100% - 2*var(--off));color-scheme:light dark;font:1em/1.5 var(--gw-sans)}
.light{color-scheme:light}
.dark{color-scheme:dark}
section,dialog{box-sizing:border-box;flex-direction:column;padding:0 1em;border:1px solid #8886;border-top:3px solid var(--gw-accent);background:var(--gw-paper);color:var(--gw-ink)}
section,[open]{display:flex}
dialog,.bubble{position:fixed;inset:auto var(--off) var(--off) auto;z-index:inherit}
.left>*{left:var(--off);right:auto}
dialog{width:27em;height:44em;max-width:var(--most);max-height:var(--most);margin:0}
.bubble:has(+[open]),.tips:has(+*>*){display:none}
button,textarea{padding:.6em 0;border:0;background:none;color:inherit;font:.9em/1.5 var(--gw-sans)}
button{font-weight:600}
.fill{padding:.6em 1em;background:var(--gw-accent);color:lch(from var(--gw-accent) calc((49.44 - l)*infinity) 0 0)}
.row{display:flex;align-items:center;gap:.6em;padding:.6em 0}
h2,.tips *{flex:1;margin:0;font:1.1em/1.5 var(--gw-serif)}
.log{flex:1;overflow:auto}
.turn,.tips *{padding:1em 0;border-bottom:1px solid #8886;overflow-wrap:anywhere}
.tips *{width:100%;text-align:start}
h3,.turn>p{margin:0 0 .6em;font:.9em/1.5 var(--gw-sans)}
h3,::placeholder,small a{color:var(--gw-soft)}
p button{margin-inline-start:.6em;text-decoration:underline}
textarea{flex:1;min-width:0;padding:.6em;border:1px solid var(--gw-soft);resize:none}
.said{position:absolute;clip-path:inset(50%)}
@media (max-width:480px){dialog{--most:100%;--off:0px;width:100%;height:100%}}
@media print{.root{color-scheme:light}dialog,button,textarea{display:none!important}}`);

const failure = (kind, message = "", retryAfter = 0) =>
  Object.assign(Error(message), {
    kind: { 403: "refused", 429: "limit", 502: "busy", 503: "busy", 504: "busy" }[kind] || (kind > 0 ? "problem" : kind),
    retryAfter: +retryAfter,
  });
const ask = async (api, body, { headers, signal, onEvent } = {}) => {
  const response = await fetch(api + "/api/ask", {
    method: "POST",
    signal,
    headers: { ...headers, "Content-Type": "application/json", Accept: "text/event-stream" },
    body: JSON.stringify(body),
  }).catch(async () => {
    // Refused or lost, it looks the same.
    const reached = api.startsWith(location.origin) || await fetch(api + "/api/health", { mode: "no-cors" }).catch(() => 0);
    throw failure(reached.type ? "refused" : "offline");
  });
  if (!response.ok) {
    const { detail } = await response.json().catch(() => 0);
    throw failure(response.status, detail, response.headers.get("Retry-After"));
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = "", answer; ;) {
    const { value } = await reader.read().catch(() => 0);
    if (!value) throw failure("cut");
    rest = (rest + value).replace(/event: (\w+)\ndata: ([^\n]*)\n\n/g, (event, name, text) => {
      const data = JSON.parse(text);
      onEvent?.(name, data);
      if (name === "error") throw failure(data.status, data.detail);
      if (name === "done") answer = data;
      return "";
    });
    if (answer) return answer;
  }
};

const build = (host) => {
  const option = (name) => host.getAttribute(name) ?? host.getAttribute("data-" + name);
  const tell = (name, detail) => host.dispatchEvent(new CustomEvent(name, { detail }));
  const texts = words(option("lang") || document.documentElement.lang || navigator.language);
  const heading = option("heading") || texts.heading;
  const inline = option("mode") === "inline";
  const api = option("api") ?? HOME;
  const headers = { "X-Site-Key": option("site-key") ?? "" };
  const drawing = { lang: texts.code, api, target: option("target") };
  const memory = attempt(() => option("history") === "session" && sessionStorage) || {};
  const answers = [];
  let asking;

  const button = (name, text, onclick) => make("button" + name, { onclick }, text);
  const tips = make("div.tips");
  const turns = make("div");
  const said = make("p.said", { role: "status" });
  const bubble = button(".bubble fill", heading, () => host.open());
  const input = make("textarea", {
    rows: 1,
    ariaLabel: heading,
    placeholder: option("placeholder") || heading,
    maxLength: option("max-length") || 500,
  });
  const send = () => host.ask(input.value);
  const privacy = safe(option("privacy"));
  const panel = make(inline ? "section" : "dialog", {
    ariaLabel: heading,
    onclose() { bubble.focus(); tell("close"); },
    onkeydown(event) {
      if (event.isComposing || event.keyCode === 229) return;
      if (event.key === "Escape") host.close();
      if (event.key === "Enter" && event.target === input && !event.shiftKey) {
        event.preventDefault();
        send();
      }
    },
  },
  make("div.row", {}, make("h2", {}, heading), !inline && button("", texts.close, () => host.close())),
  make("div.log", {}, make("p", {}, option("greeting")), tips, turns),
  make("div.row", {}, input, button(".fill", texts.ask, send)),
  privacy && make("small", {}, make("a", { href: privacy, target: "_blank" }, texts.privacy)),
  said);
  const root = make(`div.root ${option("theme")} ${option("position")}`, { lang: texts.code }, !inline && bubble, panel);
  root.style = `--gw-accent:${option("accent") || "#a3471f"};--off:${option("offset") || 20}px;z-index:${option("z-index") || 9999}`;
  const shadow = host.attachShadow({ mode: "open" });
  shadow.adoptedStyleSheets = [sheet];
  shadow.append(root);

  const suggest = async () => {
    try {
      const questions = option("questions")?.split("|")
        || (await (await fetch(api + "/api/suggestions", { headers })).json()).suggestions.map(({ question }) => question);
      tips.append(...questions.slice(0, 4).map((question) => button("", question, () => host.ask(question))));
    } catch {}
  };
  const keep = () => attempt(() => (memory[api] = JSON.stringify(answers)));
  const begin = (question) => turns.appendChild(make("div.turn", {}, make("h3", {}, question)));
  const put = (turn, ...parts) => {
    turn.replaceChildren(turn.firstChild, ...parts);
    if (asking) turn.scrollIntoView({ block: "nearest" });
  };
  const show = (turn, answer) => {
    const { about, question } = answer;
    const alone = button(".alone", texts.alone, () => host.ask(question, true));
    put(turn, about ? make("p.about", {}, texts.about + about, alone) : "", draw(answer, drawing));
    answers.push(answer);
  };
  Object.assign(host, {
    open() {
      if (panel.open) return;
      panel[option("modal") !== null || matchMedia("(max-width:480px)").matches ? "showModal" : "show"]();
      input.focus();
      if (!tips.firstChild) suggest();
      tell("open");
    },
    close() { panel.close?.(); },
    toggle() { host[panel.open ? "close" : "open"](); },
    async ask(asked, alone) {
      const question = asked.trim();
      if (!question || asking) return;
      asking = true;
      input.value = "";
      host.open();
      const turn = begin(question);
      const state = (text, ...more) => {
        said.textContent = text;
        put(turn, make("p.problem", {}, text, ...more));
      };
      const history = alone ? [] : answers.slice(-4).map(({ asked: question, text: answer_text }) => ({ question, answer_text }));
      let answer;
      const onEvent = (name, data) => {
        if (name === "sources") answer = { ...data, text: "" };
        if (name === "token") put(turn, draw({ ...answer, text: (answer.text += data.text) }, drawing));
      };
      state(texts.reading);
      tell("ask", { question });
      try {
        answer = await ask(api, { question, history }, { headers, onEvent });
        if (!turn.isConnected) return;
        show(turn, answer);
        said.textContent = turn.querySelector(".gw-head").textContent;
        keep();
        tell("answer", answer);
        return answer;
      } catch (error) {
        const { kind, message, retryAfter } = error;
        state(retryAfter ? texts.limit + retryAfter + " s." : texts[kind] || message || texts.lost,
          button(".again", texts.again, () => { turn.remove(); host.ask(question, alone); }));
        tell("error", error);
      } finally {
        asking = false;
      }
    },
    clear() { turns.replaceChildren(); answers.length = 0; keep(); },
  });
  for (const answer of JSON.parse(memory[api] || "[]")) show(begin(answer.question), answer);
  panel.open = inline || option("open") !== null;
  if (panel.open) suggest();
};
customElements.define(NAME, Object.assign(class extends HTMLElement {
  connectedCallback() { if (!this.shadowRoot) build(this); }
}, { draw, ask, words, cardCss }));

const add = () => {
  if (document.querySelector(NAME)) return;
  const element = make(NAME);
  Object.assign(element.dataset, script.dataset);
  document.body.append(element);
};
if (script && !("none" in script.dataset)) {
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", add);
  else add();
}
})();
