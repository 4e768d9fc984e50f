(() => {
const NAME = "groundwire-chat";
if (customElements.get(NAME)) return;
const script = document.currentScript;
const HOME = script?.src.split("/widget.js")[0] ?? "";
const TEXTS = `code|en|fr|es|de
open|“|« |«|„
shut|”| »|»|“
heading|Ask the articles|Interroger les articles|Preguntar a los artículos|Artikel befragen
ask|Ask|Demander|Preguntar|Fragen
stop|Stop|Arrêter|Detener|Stopp
again|Ask again|Redemander|Repetir|Neu fragen
about|about: |à propos de : |sobre: |zu: 
alone|Ask alone|Question seule|Pregunta sola|Frage allein
close|Close|Fermer|Cerrar|Schließen
privacy|Privacy|Confidentialité|Privacidad|Datenschutz
reading|Reading…|Lecture…|Leyendo…|Lese…
none|The articles do not say.|Les articles ne le disent pas.|Los artículos no lo dicen.|Die Artikel sagen es nicht.
direct|stated directly|dit directement|dicho directamente|direkt gesagt
agree|several articles agree|plusieurs articles concordent|varios artículos coinciden|mehrere Artikel einig
indirect|only indirectly|seulement indirectement|solo indirectamente|nur indirekt
related|Related reading|Sur le même sujet|Sobre el mismo tema|Mehr zum Thema
here|open at this passage|ouvrir à ce passage|abrir este pasaje|diese Stelle öffnen
archive|open in the archive|ouvrir dans les archives|abrir en el archivo|im Archiv öffnen
lost|No connection.|Sans connexion.|Sin conexión.|Keine Verbindung.
refused|Not allowed here.|Non autorisé ici.|No permitido aquí.|Hier nicht erlaubt.
wait|Too many questions; wait |Trop de questions ; attendez |Demasiadas preguntas; espere |Zu viele Fragen; Wartezeit `.split("\n").map((line) => line.split("|"));
const words = (lang) => {
	const at = TEXTS[0].indexOf(lang.slice(0, 2).toLowerCase());
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
	const days = ~~((Date.now() - then) / 864e5);
	const [unit, size] = days > 729 ? ["year", 365] : days > 60 ? ["month", 30.4] : ["day", 1];
	const age = new Intl.RelativeTimeFormat(code, { numeric: "auto" }).format(-~~(days / size), unit);
	return make("span", {}, make("time", { dateTime }, day), ", ", age.replace("ago", "old"));
};
const draw = ({ found, text, certain, excerpts, related }, { lang, api, target = "_blank" }) => {
	const texts = words(lang);
	const link = (href, text, name = "a") => make(name, { href, target }, text);
	const quotation = ({ article, pieces, start, end, deep_link }) => {
		const { id, title, url, source, published, language: lang, content_hash: version } = article;
		const cite = safe(url);
		const deep = safe(deep_link);
		const line = [
			source,
			attempt(() => dated(published, texts.code)),
			lang !== "und" && attempt(() => new Intl.DisplayNames(texts.code, { type: "language" }).of(lang)),
			deep && link(deep, texts.here),
			link(api + "/article?" + new URLSearchParams({ id, version, start, end, lang: texts.code }) + "#quoted", texts.archive, "a.gw-archive"),
		].filter(Boolean).flatMap((part) => [" · ", make("span", {}, part)]);
		return make("li.gw-quote", {},
			make("blockquote", { lang, cite }, ...pieces.map(({ text, mark }) => mark ? make("mark", {}, text) : text)),
			make("p.gw-title", { lang }, cite ? link(deep || cite, title) : title),
			make("p.gw-from", {}, ...line.slice(1)));
	};
	const quoted = found ? excerpts : related;
	const [plain, numbers] = text.split(/ (?=(?:\[\d+\])+$)/);
	const agreeing = new Set(numbers?.match(/\d+/g).map((at) => quoted[at - 1]?.article.id));
	return make("div.gw-answer", {},
		make(plain.length > 90 ? "p.gw-head gw-long" : "p.gw-head", found && { lang: quoted[0].article.language }, found ? texts.open + plain + texts.shut : texts.none),
		found ? make("p.gw-sure", {}, certain ? (agreeing.size > 1 ? texts.agree : texts.direct) : texts.indirect)
			: quoted[0] && make("p.gw-label", {}, texts.related),
		quoted[0] && make("ol.gw-quotes", {}, ...quoted.map(quotation)));
};
const cardCss = `
.gw-answer{color:var(--gw-ink);font:1em/1.5 var(--gw-serif);overflow-wrap:anywhere}
.gw-answer *{margin:0}
.gw-answer a{color:inherit;text-decoration-color:var(--gw-accent)}
.gw-head{font-size:1.9em;line-height:1.2}
.gw-long{font-size:1.3em}
.gw-sure,.gw-label,.gw-title,.gw-from{padding-top:.6em;font:.8em/1.5 var(--gw-sans);color:var(--gw-soft)}
.gw-title{font-weight:600;color:var(--gw-ink)}
.gw-quotes{padding-inline-start:1.5em}
.gw-quote{margin-top:1.3em;padding-inline-start:1em;border-inline-start:2px solid var(--gw-accent)}
.gw-quote mark{background:var(--gw-mark);color:inherit}
`;
const sheet = new CSSStyleSheet();
sheet.replaceSync(cardCss + `
:host{all:initial!important;display:block!important}
:host::before,:host::after{content:none!important}
.root{--gw-ink:light-dark(#171512,#ece6da);--gw-soft:light-dark(#635c52,#b0a798);--gw-paper:light-dark(#fffdf8,#171512);--gw-mark:#fc04;--gw-serif:Georgia,serif;--gw-sans:system-ui,sans-serif;color-scheme:light dark;font:1em/1.5 var(--gw-sans)}
.light{color-scheme:light}
.dark{color-scheme:dark}
section,dialog{box-sizing:border-box;flex-direction:column;padding:0 1em;border:1px solid #8886;border-top:3px solid var(--gw-accent);background:var(--gw-paper);color:var(--gw-ink)}
section,[open]{display:flex}
dialog,.bubble{position:fixed;inset:auto var(--off) var(--off) auto;z-index:inherit}
.left>*{left:var(--off);right:auto}
dialog{--most:calc(100% - 2*var(--off));width:27em;height:44em;max-width:var(--most);max-height:var(--most);margin:0}
.bubble:has(+[open]),.tips:has(+*>*){display:none}
button,textarea{padding:.6em 0;border:0;background:none;color:inherit;font:inherit}
button{font-weight:600}
.fill{padding:.6em 1em;background:var(--gw-accent);color:lch(from var(--gw-accent) calc((49.44 - l)*infinity) 0 0)}
.row{display:flex;align-items:center;gap:.6em;padding:.6em 0}
h2,.tips *{flex:1;margin:0;font:1.1em/1.5 var(--gw-serif)}
.log{flex:1;overflow:auto}
.log :not(a),textarea{unicode-bidi:plaintext}
.turn,.tips *{width:100%;padding:1em 0;border-bottom:1px solid #8886;overflow-wrap:anywhere;text-align:start}
h3,.turn>p{margin:0 0 .6em;font:.9em/1.5 var(--gw-sans)}
h3,::placeholder,small a{color:var(--gw-soft)}
p button{margin:0 .6em;text-decoration:underline}
textarea{flex:1;min-width:0;padding:.6em;border:1px solid var(--gw-soft);resize:none}
.said{position:absolute;clip-path:inset(50%)}
@media (max-width:480px){dialog{--off:0px;width:100%;height:100%}}
@media print{.root{color-scheme:light}dialog,button,textarea{display:none!important}}`);

const session = Math.random();
const failure = ({ status, kind: named, detail, retry_after: retryAfter }) =>
	Object.assign(Error(detail), {
		status, named, retryAfter,
		kind: { 403: "refused", 429: "limit", 503: "busy" }[status] || (detail ? "problem" : +status ? "offline" : status),
	});
const ask = async (api, body, { headers, signal, onPart }) => {
	const response = await fetch(api + "/api/ask", {
		method: "POST",
		signal,
		headers: { ...headers, "X-Session-Id": session, "Content-Type": "application/json", Accept: "text/event-stream" },
		body: JSON.stringify(body),
	}).catch(async () => {
		const { ok } = await fetch(api + "/widget.js", { cache: "no-store", signal }).catch(() => 0);
		throw failure({ status: ok ? 403 : 1 });
	});
	if (!response.ok) throw failure({ status: response.status, ...await response.json().catch(() => 0) });
	const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
	for (let rest = "", part = { text: "" }; ;) {
		const { value } = await reader.read().catch(() => 0);
		if (!value) throw failure({ status: "cut" });
		const events = (rest + value).split("\n\n");
		rest = events.pop();
		for (const event of events) {
			const [name, text] = event.split("\ndata: ");
			const data = attempt(() => JSON.parse(text));
			if (name === "event: error") throw failure(data);
			if (name === "event: done") return data;
			if (data) onPart(part = { ...part, ...data, text: part.text + (data.text ?? "") });
		}
	}
};

const build = (host) => {
	const option = (name) => host.getAttribute(name) ?? host.getAttribute("data-" + name);
	const tell = (name, detail) => host.dispatchEvent(new CustomEvent(name, { detail }));
	const texts = words(option("lang") || document.documentElement.lang || navigator.language);
	const heading = option("heading") || texts.heading;
	const inline = option("mode") === "inline";
	const narrow = () => matchMedia("(max-width:480px)").matches;
	const api = option("api") ?? HOME;
	const headers = { "X-Site-Key": option("site-key") ?? "" };
	const drawing = { lang: texts.code, api, target: option("target") || "_blank" };
	const key = [NAME, api, host.id || [...document.querySelectorAll(NAME)].indexOf(host)];
	const memory = attempt(() => option("history") === "session" && sessionStorage) || {};
	const answers = [];
	let asking;
	const tips = make("div.tips");
	const turns = make("div");
	const said = make("p.said", { role: "status" });
	const bubble = make("button.bubble fill", { onclick: () => host.open() }, heading);
	const input = make("textarea", {
		rows: 1,
		ariaLabel: heading,
		placeholder: option("placeholder") || heading,
		maxLength: option("max-length") || 500,
	});
	const send = make("button.fill", { onclick: ({ detail }) => detail > 1 || (asking ? host.stop() : host.ask()) }, texts.ask);
	const panel = make(inline ? "section" : "dialog", {
		ariaLabel: heading,
		onclose() { tell("close"); },
		onkeydown(event) {
			if (event.keyCode === 229) return;
			if (event.key === "Escape") host.close();
			if (event.key === "Enter" && event.target === input && !event.shiftKey) {
				event.preventDefault();
				host.ask();
			}
		},
	},
	make("div.row", {}, make("h2", {}, heading),
		!inline && make("button", { onclick: () => host.close() }, texts.close)),
	make("div.log", {}, make("p", {}, option("greeting")), tips, turns),
	make("div.row", {}, input, send),
	safe(option("privacy")) && make("small", {}, make("a", { href: option("privacy"), target: "_blank" }, texts.privacy)),
	said);
	const root = make(`div.root ${option("theme")} ${option("position")}`, { lang: texts.code }, !inline && bubble, panel);
	root.style = `--gw-accent:${option("accent") || "#a3471f"};--off:${option("offset") || 20}px;z-index:${option("z-index") || 9999}`;
	const shadow = host.attachShadow({ mode: "open" });
	shadow.adoptedStyleSheets = [sheet];
	shadow.append(root);

	const suggest = async () => {
		const found = option("questions")?.split("|").filter(Boolean).map((question) => ({ question, language: texts.code }))
			|| (await fetch(api + "/api/suggestions", { headers })
			.then((response) => response.json()).catch(() => 0)).suggestions || [];
		found.sort((one, other) => (other.language === texts.code) - (one.language === texts.code));
		tips.replaceChildren(...found.slice(0, 4).map(({ question, language: lang }) =>
			make("button", { lang, onclick: () => host.ask(question) }, question)));
	};
	const keep = () => attempt(() => (memory[key] = JSON.stringify(answers)));
	const begin = (question) => turns.appendChild(make("div.turn", {}, make("h3", {}, question)));
	const put = (turn, ...parts) => {
		turn.replaceChildren(turn.firstChild, ...parts);
		if (asking && !inline) turn.scrollIntoView({ block: "nearest" });
	};
	const show = (turn, answer) => {
		const { about, question } = answer;
		put(turn, about ? make("p.about", {}, texts.about + about,
			make("button.alone", { onclick: () => host.ask(question, true) }, texts.alone)) : "", draw(answer, drawing));
		answers.push(answer);
	};
	Object.assign(host, {
		open() {
			if (!panel.open) {
				panel[option("modal") === null && !narrow() ? "show" : "showModal"]();
				tips.firstChild ?? suggest();
				tell("open");
			}
			narrow() || input.focus();
		},
		close() { panel.close?.(); },
		toggle() { panel.open ? host.close() : host.open(); },
		async ask(question = input.value, alone, turn) {
			if (asking || !/[\p{L}\d]/u.test(question)) return;
			const { signal } = asking = new AbortController();
			input.value = "";
			send.textContent = texts.stop;
			host.open();
			turn ||= begin(question = question.trim());
			const state = (text, ...more) => put(turn, make("p.problem", {}, said.textContent = text, ...more));
			const history = alone ? [] : answers.slice(-3).map(({ asked, text }) => ({ question: asked, answer_text: text }));
			state(texts.reading);
			tell("ask", { question });
			try {
				const answer = await ask(api, { question, history }, {
					headers, signal, onPart: (part) => put(turn, draw(part, drawing)),
				});
				show(turn, answer);
				said.textContent = turn.querySelector(".gw-head").textContent;
				keep();
				host.stop();
				tell("answer", answer);
				return answer;
			} catch (error) {
				if (signal.aborted) return turn.remove();
				const { kind, message, retryAfter } = error;
				state(retryAfter ? texts.wait + retryAfter + " s." : texts[kind] || message || texts.lost,
					kind === "refused" ? console.warn(message || "see allowed_origins")
						: make("button.again", { onclick: () => host.ask(question, alone, turn) }, texts.again));
				host.stop();
				tell("error", error);
			}
		},
		stop() { asking = asking?.abort(); send.textContent = texts.ask; },
		clear() { host.stop(); turns.replaceChildren(); answers.length = 0; keep(); },
	});
	attempt(() => JSON.parse(memory[key]).forEach((answer) => show(begin(answer.question), answer)));
	if (panel.open = inline || option("open") !== null && !narrow()) suggest();
};
customElements.define(NAME, Object.assign(class extends HTMLElement {
	connectedCallback() { if (!this.shadowRoot) build(this); }
	disconnectedCallback() { this.stop(); }
}, { draw, ask, failure, session, words, cardCss }));

const add = () => {
	if (document.querySelector(NAME) || !script || "none" in script.dataset) return;
	const element = make(NAME);
	Object.assign(element.dataset, script.dataset);
	document.body.append(element);
};
document.readyState === "loading" ? addEventListener("DOMContentLoaded", add) : add();
})();
