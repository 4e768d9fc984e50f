"use strict";

/* The chat page: a conversation with the archive. widget.js, loaded before, asks the server and draws the answers. */

(() => {
  const GW = customElements.get("groundwire-chat");
  const { about, texts } = JSON.parse(document.getElementById("known").textContent);
  const $ = (id) => document.getElementById(id);
  const api = location.origin + location.pathname.replace(/\/[^/]*$/, "");
  const TURNS_SENT = 3; // as many as the server reads
  const MOST_CITED = 10; // no answer has more quotations
  const THEMES = ["auto", "light", "dark"];
  const NARROW = "(max-width: 480px)"; // as in chat.css
  // The server's errors, as the texts call them
  const NAMED = {
    BadQuestion: "bad_question",
    BadFilter: "bad_filter",
    InvalidRequest: "bad_request",
  };
  const LOST = ["lost_quotation", "bad_link"]; // to fetch such quotations once more would not help

  let lang = document.documentElement.lang;
  let turns = [];
  let working = null; // the AbortController of the question that is being answered
  let watching = 0; // the timer that looks whether the server is back
  let looking = 0; // the timer that looks whether articles have come
  let suggesting = 0; // the timer that looks whether more questions can be suggested
  let held = about;

  // Words

  const t = (key, values = {}) =>
    (texts[lang][key] ?? texts.en[key]).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const locale = () => (lang === "en" ? "en-GB" : lang); // whose dates have the day first, as the cards have
  const number = (value) => new Intl.NumberFormat(locale()).format(value);
  // The day as it is written, which was the day where the article was published; as the cards have it.
  const day = (moment) =>
    new Intl.DateTimeFormat(locale(), { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(
      new Date(moment.slice(0, 10)),
    );
  const languageName = (code) => {
    try {
      return new Intl.DisplayNames([lang], { type: "language" }).of(code) ?? code;
    } catch {
      return code;
    }
  };

  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (typeof value === "function") made.addEventListener(key, value);
      else if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
    }
    made.append(...children);
    return made;
  }

  /* What the server tells; an error like those of GW.ask where it does not. */
  async function told(address, options) {
    const answer = await fetch(address, options).catch(() => {
      throw GW.failure({ status: "offline" });
    });
    const document = await answer.json().catch(() => ({}));
    if (answer.ok) return document;
    const { status, headers } = answer;
    throw GW.failure({ retry_after: headers.get("Retry-After"), ...document, status });
  }

  function say(text, ...unseen) {
    $("state").replaceChildren(text, ...unseen);
  }

  /* Why something did not work, in the reader's words; in the server's own where there are none for it. */
  function why({ kind, status, named, message, retryAfter }) {
    const offline = navigator.onLine ? "away" : "offline";
    const known = { offline, problem: status === 500 ? "defect" : NAMED[named] }[kind] ?? kind;
    const key = known in texts.en ? known : "failed";
    const seconds = Math.max(1, retryAfter || 0);
    const one = `${key}_one`;
    return t(seconds === 1 && one in texts.en ? one : key, { detail: message, seconds: number(seconds) });
  }

  // What stands around the conversation

  function drawPage() {
    document.documentElement.lang = lang;
    for (const each of document.querySelectorAll("[data-t]")) {
      if (each.id !== "invitation" || !held.greeting) each.textContent = t(each.dataset.t);
    }
    $("question").placeholder = t("placeholder");
    $("conversation").setAttribute("aria-label", t("conversation"));
    drawTheme();
    drawHoldings();
    drawFilters();
    turns.forEach(drawTurn);
    if (working) $("ask").textContent = t("stop");
  }

  function drawHoldings() {
    const count = held.articles;
    const key = { 0: "tagline_none", 1: "tagline_one" }[count] ?? "tagline";
    const counted = [t(key, { articles: number(count) })];
    if (held.newest) counted.push(t(count === 1 ? "newest_one" : "newest", { day: day(held.newest) }));
    $("tagline").replaceChildren(...(held.tagline ? [held.tagline, element("br")] : []), counted.join(" "));
    // Whatever else is said there stays, and nothing is said twice.
    const own = Object.values(texts).flatMap(({ writing, empty }) => [writing, empty]);
    const said = $("state").textContent;
    const due = held.writing ? t("writing") : count === 0 ? t("empty") : "";
    if (said !== due && (!said || own.includes(said))) say(due);
  }

  async function lookAgain() {
    try {
      const before = held.articles;
      held = await told(`${api}/api/about`, { cache: "no-store" });
      drawHoldings();
      drawFilters();
      if (!before && held.articles) suggest();
    } catch {
      // The next question will tell.
    }
    keepLooking();
  }

  function keepLooking() {
    clearTimeout(looking);
    if (held.writing || held.articles === 0) looking = setTimeout(lookAgain, 5000);
  }

  function drawTheme() {
    const theme = document.documentElement.dataset.theme;
    $("theme").textContent = t(theme);
    $("theme").setAttribute("aria-label", `${t("theme")}: ${t(theme)}`);
    $("theme").title = t("theme");
  }

  function setTheme(theme) {
    document.documentElement.dataset.theme = theme;
    drawTheme();
  }

  const remembered = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // a browser that forbids it
    }
  };

  const remember = (key, value) => {
    try {
      localStorage.setItem(key, value);
    } catch {
      // It holds for this page, then.
    }
  };

  // Filters

  function drawFilters() {
    // Changed in place, and only where they differ: a menu that is open stays open.
    const options = (select, names, label) => {
      const chosen = select.value;
      const wanted = [["", t("any")], ...names.map(([name, count]) => [name, `${label(name)} (${number(count)})`])];
      select.length = wanted.length;
      wanted.forEach(([value, text], place) => {
        const option = select.options[place];
        if (option.getAttribute("value") !== value) option.value = value;
        if (option.textContent !== text) option.textContent = text;
      });
      const kept = names.some(([name]) => name === chosen) ? chosen : "";
      if (select.value !== kept) select.value = kept;
    };
    options($("language"), Object.entries(held.languages), languageName);
    options($("source"), Object.entries(held.sources), (name) => name);
    for (const id of ["since", "until"]) {
      if (held.oldest) $(id).min = held.oldest.slice(0, 10);
      if (held.newest) $(id).max = held.newest.slice(0, 10);
    }
    tellFilters();
  }

  function filters() {
    const chosen = {};
    for (const id of ["language", "source", "since", "until"]) {
      if ($(id).value) chosen[id] = $(id).value;
    }
    return chosen;
  }

  function tellFilters() {
    const { language, source, since, until } = filters();
    const parts = [
      language && languageName(language),
      source,
      since && t("from_day", { day: day(since) }),
      until && t("to_day", { day: day(until) }),
    ].filter(Boolean);
    $("chosen").textContent = parts.length ? t("filtered", { what: parts.join(", ") }) : "";
    $("clear-filters").hidden = parts.length === 0;
  }

  // Suggestions

  async function suggest(tries = 20) {
    let found;
    try {
      found = await told(`${api}/api/suggestions`);
    } catch {
      return;
    }
    const own = found.suggestions.filter((each) => each.language === lang);
    const shown = [...own, ...found.suggestions.filter((each) => each.language !== lang)].slice(0, 5);
    $("suggestions").hidden = shown.length === 0;
    $("suggestions")
      .querySelector("ul")
      .replaceChildren(
        ...shown.map(({ question, language }) =>
          element("li", {}, element("button", { type: "button", lang: language, click: () => ask(question) }, question)),
        ),
      );
    clearTimeout(suggesting);
    if (!found.complete && tries > 0 && turns.length === 0) suggesting = setTimeout(() => suggest(tries - 1), 3000);
  }

  // A turn: {question, section, alone, state: "reading" | "done" | "failed", answer, problem, verdict, link, from}

  function drawTurn(turn) {
    const parts = [element("h2", {}, turn.question)];
    const { answer } = turn;
    if (answer?.about) {
      parts.push(
        element(
          "p",
          { class: "about" },
          t("about", { what: answer.about }),
          turn.from ? "" : element("button", { type: "button", class: "alone", click: () => redo(turn, true) }, t("alone")),
        ),
      );
    }
    if (turn.state === "reading" && !answer) parts.push(element("p", { class: "waiting" }, t("reading")));
    if (answer) parts.push(GW.draw(answer, { lang, api }));
    if (turn.state === "failed") parts.push(problem(turn));
    if (turn.state === "done") parts.push(...tools(turn));
    turn.section.replaceChildren(...parts);
    turn.section.setAttribute("aria-busy", turn.state === "reading");
  }

  function problem(turn) {
    const again = element("button", { type: "button", class: "again", click: () => redo(turn) }, t("again"));
    return element("p", { class: "problem" }, why(turn.problem), again);
  }

  function tools(turn) {
    const button = (name, click, pressed = null) =>
      element("button", { type: "button", class: name, click, "aria-pressed": pressed }, t(name.replace("-", "_")));
    const bar = element("div", { class: "tools" });
    if (turn.answer.found) {
      bar.append(
        button("copy", () => copy(turn, asText(turn), "copied")),
        button("copy-markdown", () => copy(turn, asMarkdown(turn), "copied")),
        button("link", () => link(turn)),
      );
    }
    if (turn.from) {
      bar.append(button("again", () => redo(turn)));
      return [element("p", { class: "notice" }, t(turn.from)), bar];
    }
    const right = button("right", () => judge(turn, "good"), String(turn.verdict === "good"));
    right.classList.add("apart");
    bar.append(right, button("wrong", () => judge(turn, "bad"), String(turn.verdict === "bad")));
    return [bar];
  }

  // Asking

  function newTurn(question) {
    const turn = { question, section: element("section", { class: "turn" }) };
    turns.push(turn);
    $("conversation").append(turn.section);
    $("welcome").hidden = true;
    $("new").hidden = false;
    return turn;
  }

  async function ask(question) {
    question = question.trim();
    if (!question || working) return;
    const excess = [...question].length - held.longest_question;
    if (excess > 0) return say(t("too_long", { count: number(excess) }));
    if (!/[\p{L}\p{N}]/u.test(question)) return say(t("no_word"));
    const { since, until } = filters();
    if (since && until && since > until) return say(t("no_day"));
    $("question").value = "";
    if (matchMedia(NARROW).matches) $("filters").open = false; // they would leave the answer no room
    grow();
    await answer(newTurn(question));
  }

  async function redo(turn, alone = turn.alone) {
    if (working) return;
    if (turn.link) {
      if (turn.problem && !LOST.includes(turn.problem.kind)) return fetchAgain(turn);
      // What it leaned on is not here: ask all of it.
      Object.assign(turn, { question: turn.link.asked, link: null, from: null });
    }
    await answer(turn, alone);
  }

  async function answer(turn, alone = false) {
    // It may name an answer that will not be here any more.
    if (location.hash) history.replaceState(null, "", location.pathname);
    Object.assign(turn, { state: "reading", answer: null, problem: null, verdict: null, alone });
    const before = turns.slice(0, turns.indexOf(turn)).filter((each) => each.state === "done");
    const sent = alone ? [] : before.slice(-TURNS_SENT);
    const body = {
      question: turn.question,
      filters: filters(),
      history: sent.map(({ answer }) => ({ question: answer.asked, answer_text: answer.text })),
    };
    working = new AbortController();
    $("ask").textContent = t("stop");
    say(t("reading"));
    drawTurn(turn);
    turn.section.scrollIntoView({ block: "start", behavior: "instant" });
    const onPart = (part) => {
      turn.answer = part;
      drawTurn(turn);
    };
    try {
      Object.assign(turn, { answer: await GW.ask(api, body, { signal: working.signal, onPart }), state: "done" });
      announce(turn.answer);
    } catch (error) {
      fail(turn, working.signal.aborted ? GW.failure({ status: "stopped" }) : error);
    }
    working = null;
    $("ask").textContent = t("ask");
    // Who has gone elsewhere meanwhile stays there.
    const { top, bottom } = turn.section.getBoundingClientRect();
    drawTurn(turn);
    const floor = Math.min(innerHeight, $("asking").getBoundingClientRect().top);
    if (bottom > 0 && top < floor) turn.section.scrollIntoView({ block: "start" });
    const isHere = [document.body, $("ask"), $("question")].includes(document.activeElement);
    if (isHere && !matchMedia("(pointer: coarse)").matches) $("question").focus({ preventScroll: true });
  }

  function fail(turn, problem) {
    Object.assign(turn, { answer: null, state: "failed", problem });
    // Seen in the turn, and so only heard here.
    if (turns.includes(turn)) say("", element("span", { class: "unseen" }, why(problem)));
    if (["offline", "cut"].includes(problem.kind)) watch();
  }

  /* Those who hear the page hear the answer; those who see it look at it. */
  function announce({ found, text, excerpts }) {
    if (!found) return say(t("silent"));
    const words = quoted(plainHead({ text }));
    say(t("answered"), element("span", { class: "unseen", lang: excerpts[0].article.language }, ` ${words}`));
  }

  /* Says when the server is there again. */
  function watch() {
    clearTimeout(watching);
    watching = setTimeout(async () => {
      try {
        const health = await fetch(`${api}/api/health`, { cache: "no-store" });
        if (!health.ok) throw new Error();
        say(t("back"));
        lookAgain();
      } catch {
        watch();
      }
    }, 1500);
  }

  // Copying

  const quoted = (text) => {
    const { open, shut } = GW.words(lang);
    return open + text.replace(/\s+/g, " ").trim() + shut;
  };
  const plainHead = (answer) => answer.text.replace(/ (\[\d+\])+$/, "");
  const source = ({ article }) => [article.source, article.published && day(article.published)].filter(Boolean).join(", ");

  function asText({ question, answer }) {
    const lines = answer.excerpts.map((excerpt, place) => {
      const where = [excerpt.article.title, source(excerpt)].filter(Boolean).join(", ");
      return `${place + 1}. ${quoted(excerpt.text)} — ${where}${excerpt.deep_link ? `\n   ${excerpt.deep_link}` : ""}`;
    });
    return [question, "", quoted(plainHead(answer)), "", ...lines].join("\n") + "\n";
  }

  function asMarkdown({ question, answer }) {
    const safe = (text) => text.replace(/\s+/g, " ").replace(/[\\`*_{}[\]<>#|~!]/g, "\\$&");
    const lines = answer.excerpts.map((excerpt, place) => {
      const words = excerpt.pieces.map(({ text, mark }) => {
        const [, before, inner, after] = /^(\s*)(.*?)(\s*)$/s.exec(text);
        return mark && inner ? `${before}**${safe(inner)}**${after}` : safe(text);
      });
      const title = safe(excerpt.article.title);
      const linked = excerpt.deep_link ? `[${title}](<${excerpt.deep_link}>)` : title;
      return `${place + 1}. ${quoted(words.join(""))} — ${[linked, safe(source(excerpt))].filter(Boolean).join(", ")}`;
    });
    return [`**${safe(question)}**`, "", quoted(safe(plainHead(answer))), "", ...lines].join("\n") + "\n";
  }

  /* Where the browser forbids it, as in many frames, what was to be copied stands there selected. */
  async function copy(turn, text, done) {
    turn.section.querySelector(".to-copy")?.remove();
    try {
      await navigator.clipboard.writeText(text);
      say(t(done));
    } catch {
      const named = { "aria-label": t("to_copy") };
      const field = element("textarea", { class: "to-copy", rows: 3, readonly: true, ...named }, text);
      turn.section.append(field);
      field.focus();
      field.select();
      say(t("not_copied"));
    }
  }

  // Links to answers: the question and where its quotations stand, all of it after the #, which no server is sent

  const encode = (value) => {
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };

  const decode = (text) => {
    const bytes = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  };

  function marksOf({ pieces, start }) {
    const found = [];
    for (const { text, mark } of pieces) {
      const end = start + [...text].length; // offsets are in code points
      if (mark) found.push(`${start}-${end}`);
      start = end;
    }
    return found.join(",");
  }

  async function link(turn) {
    const { question, answer } = turn;
    const citations = answer.excerpts.map((excerpt) => [
      excerpt.article.id, excerpt.article.content_hash, excerpt.start, excerpt.end, marksOf(excerpt),
    ]); // prettier-ignore
    const { asked, about, certain } = answer;
    history.replaceState(null, "", `#a=${encode({ question, asked, about, certain, citations })}`);
    await copy(turn, location.href, "link_copied");
  }

  async function restore(code) {
    let kept;
    try {
      kept = decode(code);
      const { question, asked = "", about } = kept;
      const texts = [question, asked, about ?? ""];
      const { length } = kept.citations;
      if (!length || length > MOST_CITED || texts.some((each) => typeof each !== "string")) throw new Error();
    } catch {
      say(t("bad_link"));
      suggest();
      return;
    }
    const { question, asked, about, certain, citations } = kept;
    const turn = newTurn(question);
    turn.link = { question, asked: asked || question, about, certain: certain === true, citations };
    await fetchAgain(turn);
  }

  /* A restored turn's quotations: the words come from the archive, never from the link. */
  async function fetchAgain(turn) {
    const { citations, ...kept } = turn.link;
    Object.assign(turn, { state: "reading", problem: null });
    say(t("reading"));
    drawTurn(turn);
    try {
      const excerpts = await Promise.all(
        citations.map(([id, version, start, end, marks]) => {
          const place = new URLSearchParams({ id, version, start, end, marks });
          return told(`${api}/api/quotation?${place}`);
        }),
      );
      const marked = excerpts.map(({ pieces }) => pieces.filter(({ mark }) => mark).map(({ text }) => text).join(" "));
      const numbers = marked.flatMap((words, place) => (agree(words, marked[0]) ? [`[${place + 1}]`] : []));
      const text = `${marked[0]} ${numbers.join("")}`;
      const answer = { ...kept, found: true, text, excerpts, related: [] };
      Object.assign(turn, { state: "done", from: "from_link", answer });
      if (turns.includes(turn)) announce(answer);
    } catch (error) {
      const lost = error.kind ? { 404: "lost_quotation", 422: "bad_link" }[error.status] : "bad_link";
      fail(turn, lost ? GW.failure({ status: lost }) : error);
    }
    drawTurn(turn);
  }

  const folded = (words) => (words.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).join(" ");

  /* As the server tells it (qa/read.py): the same words, or a part of the longer ones that is more than a number. */
  function agree(words, others) {
    const [shorter, longer] = [folded(words), folded(others)].sort((one, other) => one.length - other.length);
    return shorter === longer || (/\p{L}/u.test(shorter) && ` ${longer} `.includes(` ${shorter} `));
  }

  // Telling back

  async function judge(turn, verdict) {
    const before = turn.verdict;
    if (before === verdict) return;
    turn.verdict = verdict;
    try {
      await told(`${api}/api/feedback`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Session-Id": GW.session },
        body: JSON.stringify({ answer: turn.answer.id, verdict, question: turn.question }),
      });
      say(t("thanks"));
    } catch (error) {
      turn.verdict = before;
      say(why(error));
      if (error.kind === "offline") watch();
    }
    const wasOn = document.activeElement?.className;
    drawTurn(turn);
    if (wasOn) turn.section.querySelector(`.tools .${verdict === "good" ? "right" : "wrong"}`)?.focus();
  }

  // What a person does

  function grow() {
    const box = $("question");
    if (CSS.supports("field-sizing", "content")) return;
    box.style.setProperty("height", "auto");
    box.style.setProperty("height", `${box.scrollHeight}px`);
  }

  function startAnew() {
    working?.abort();
    turns = [];
    $("conversation").replaceChildren();
    $("welcome").hidden = false;
    $("new").hidden = true;
    history.replaceState(null, "", location.pathname);
    say("");
    drawHoldings();
    suggest();
    $("question").focus();
  }

  /* The archive's page of an article looks as this one does. */
  function followTheme({ target }) {
    const link = target.closest("a.gw-archive");
    if (!link) return;
    const address = new URL(link.href);
    address.searchParams.set("theme", document.documentElement.dataset.theme);
    link.href = address;
  }

  // The second click of a double one would stop the question.
  $("ask").addEventListener("click", (event) => event.detail > 1 && event.preventDefault());
  $("asking").addEventListener("submit", (event) => {
    event.preventDefault();
    if (working) working.abort();
    else ask($("question").value);
  });
  $("question").addEventListener("keydown", (event) => {
    // 229: the Enter that ends a composed word, as Safari tells it
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      if (!working) ask($("question").value);
    }
  });
  $("question").addEventListener("input", grow);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && working) working.abort();
  });
  $("new").addEventListener("click", startAnew);
  for (const way of ["pointerdown", "click", "contextmenu"]) $("conversation").addEventListener(way, followTheme);
  $("theme").addEventListener("click", () => {
    const now = THEMES.indexOf(document.documentElement.dataset.theme);
    const next = THEMES[(now + 1) % THEMES.length];
    setTheme(next);
    remember("groundwire-theme", next);
  });
  $("interface").addEventListener("change", () => {
    lang = $("interface").value;
    remember("groundwire-language", lang);
    say(working ? t("reading") : "");
    drawPage();
    suggest();
  });
  $("filters").addEventListener("change", tellFilters);
  $("clear-filters").addEventListener("click", () => {
    for (const id of ["language", "source", "since", "until"]) $(id).value = "";
    tellFilters();
    $("filters").querySelector("summary").focus(); // the button goes
  });
  addEventListener("offline", () => say(t("offline")));
  addEventListener("online", () => say(""));
  addEventListener("hashchange", () => {
    // To an answer, or back from one
    if (location.hash.startsWith("#a=") || (!location.hash && turns.some((turn) => turn.link))) location.reload();
  });

  // The beginning

  document.adoptedStyleSheets = [...document.adoptedStyleSheets, new CSSStyleSheet()];
  document.adoptedStyleSheets.at(-1).replaceSync(GW.cardCss);
  const spoken = about.interface.filter((each) => each in texts);
  for (const each of spoken) $("interface").append(element("option", { value: each, lang: each }, texts[each].name));
  $("interface").parentElement.hidden = spoken.length < 2;
  if (spoken.includes(remembered("groundwire-language"))) lang = remembered("groundwire-language");
  $("interface").value = lang;
  if (THEMES.includes(remembered("groundwire-theme"))) setTheme(remembered("groundwire-theme"));
  drawPage();
  keepLooking();
  if (location.hash.startsWith("#a=")) restore(location.hash.slice(3));
  else {
    suggest();
    if (!matchMedia("(pointer: coarse)").matches) $("question").focus();
  }
})();
