// The connection to cinta: Server-Sent Events, with the token of serve.token where one is set.
//
// The browser reconnects by itself after a lost connection; after a refused one (a wrong token, cinta stopped) it does
// not, so the page asks /status what is wrong, and tries again. A connection may also be dead without an end, after
// the machine slept or a tunnel broke: cinta sends something every 15 s. The token is kept in this browser.

import { load, save } from "./choices.js";

const RETRY_MS = 2000;
const LOOK_MS = 5000;
const DEAD_MS = 45000;
const TOKEN_KEY = "token";

/** The token of the page's address, which is removed from it: bookmarks and screenshots must not show it. */
function takeToken() {
  const address = new URL(location.href), token = address.searchParams.get("token");
  if (token === null) return null;
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
  save(TOKEN_KEY, token);
  return token;
}

export class Connection {
  /** handlers: onQuote, onGone, onComplete, onSeen, onFeed (objects of the events),
      onState("connecting" | "open" | "lost" | "token") */
  constructor(handlers) {
    this.handlers = handlers;
    this.token = takeToken() ?? load(TOKEN_KEY, "");
    setInterval(() => this.look(), LOOK_MS);
  }

  url(path) {
    if (!this.token) return path;
    return `${path}${path.includes("?") ? "&" : "?"}token=${encodeURIComponent(this.token)}`;
  }

  useToken(token) {
    this.token = token;
    save(TOKEN_KEY, token);
    this.open();
  }

  open() {
    this.source?.close();
    this.handlers.onState("connecting");
    const source = new EventSource(this.url("events?match=*&seen=1"));
    this.source = source;
    this.aliveMs = Date.now(); // the time of day goes on while the machine sleeps
    source.onopen = () => {
      this.aliveMs = Date.now();
      this.handlers.onState("open");
    };
    for (const name of ["quote", "gone", "complete", "seen", "feed"]) this.pass(source, name, this.handlers[`on${name[0].toUpperCase()}${name.slice(1)}`]);
    source.onerror = () => {
      if (this.source !== source) return;
      this.handlers.onState("lost");
      if (source.readyState === EventSource.CLOSED) this.retry(source);
    };
  }

  pass(source, name, handler) {
    source.addEventListener(name, (event) => {
      this.aliveMs = Date.now();
      handler(JSON.parse(event.data));
    });
  }

  look() {
    if (this.source?.readyState === EventSource.OPEN && Date.now() - this.aliveMs > DEAD_MS) this.open();
  }

  /** A page that is not visible needs no quotes, and a browser has few connections for all pages of one host. */
  pause() {
    this.source?.close();
    this.source = null;
  }

  async retry(source) {
    try {
      const answer = await fetch(this.url("status"));
      if (answer.status === 401 && this.source === source) {
        this.handlers.onState("token");
        return;
      }
    } catch {
      // cinta does not answer: try again below
    }
    setTimeout(() => { if (this.source === source) this.open(); }, RETRY_MS);
  }

  async load(path) {
    const answer = await fetch(this.url(path));
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.json();
  }
}
