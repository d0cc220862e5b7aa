// The connection to cinta: Server-Sent Events, with the token of serve.token where one is set.
//
// The browser reconnects by itself after a lost connection; after a refused one (a wrong token, cinta stopped) it does
// not, so the page asks /status what is wrong, and tries again. The token is kept in this browser.

import { load, save } from "./choices.js";

const RETRY_MS = 2000;
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
  /** handlers: onQuote, onSeen, onFeed (objects of the events), onState("connecting" | "open" | "lost" | "token") */
  constructor(handlers) {
    this.handlers = handlers;
    this.token = takeToken() ?? load(TOKEN_KEY, "");
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
    source.onopen = () => this.handlers.onState("open");
    source.addEventListener("quote", (event) => this.handlers.onQuote(JSON.parse(event.data)));
    source.addEventListener("seen", (event) => this.handlers.onSeen(JSON.parse(event.data)));
    source.addEventListener("feed", (event) => this.handlers.onFeed(JSON.parse(event.data)));
    source.onerror = () => {
      this.handlers.onState("lost");
      if (source.readyState === EventSource.CLOSED) this.retry();
    };
  }

  /** A page that is not visible needs no quotes, and a browser has few connections for all pages of one host. */
  pause() {
    this.source?.close();
    this.source = null;
  }

  async retry() {
    try {
      const answer = await fetch(this.url("status"));
      if (answer.status === 401) {
        this.handlers.onState("token");
        return;
      }
    } catch {
      // cinta does not answer: try again below
    }
    setTimeout(() => { if (this.source) this.open(); }, RETRY_MS);
  }

  async load(path) {
    const answer = await fetch(this.url(path));
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.json();
  }
}
