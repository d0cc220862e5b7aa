// The connection to cinta: Server-Sent Events, with the token of serve.token where one is set.
//
// The browser reconnects by itself after a lost connection; after a refused one (a wrong token, cinta stopped) it does
// not, so the page asks /healthz and /status what is wrong, and tries again.

const RETRY_MS = 2000;
const TOKEN_KEY = "cinta-token";

export class Connection {
  /** handlers: onQuote, onSeen, onFeed (objects of the events), onState("connecting" | "open" | "lost" | "token") */
  constructor(handlers) {
    this.handlers = handlers;
    this.token = sessionStorage.getItem(TOKEN_KEY) ?? new URLSearchParams(location.search).get("token") ?? "";
  }

  url(path) {
    if (!this.token) return path;
    return `${path}${path.includes("?") ? "&" : "?"}token=${encodeURIComponent(this.token)}`;
  }

  useToken(token) {
    this.token = token;
    sessionStorage.setItem(TOKEN_KEY, token);
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
    setTimeout(() => this.open(), RETRY_MS);
  }

  async load(path) {
    const answer = await fetch(this.url(path));
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.json();
  }
}
