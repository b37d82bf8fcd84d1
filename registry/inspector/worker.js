// The service worker of the visit page: with a network always the newest page, without one the last that came.
const SHELL = "field";
const PAGE = new URL("./", self.location).href;
const PARTS = ["./", "app.webmanifest", "../../static/look.css", "../../static/mark.svg",
  "../../static/field.js", "../../static/outbox.js", "../../static/sign.js", "../../static/printed.js"];
const PATIENCE = 5000;

addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(PARTS)));
});

addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

addEventListener("fetch", (event) => {
  const wanted = PARTS.map((part) => new URL(part, self.location).href);
  const address = event.request.url.split(/[?#]/)[0];
  if (event.request.method === "GET" && wanted.includes(address)) event.respondWith(newest(event, address));
});

async function newest(event, address) {
  const cache = await caches.open(SHELL);
  try {
    const answer = await fetch(event.request, { signal: AbortSignal.timeout(PATIENCE) });
    if (answer.ok && !answer.redirected) await cache.put(address, answer.clone());
    // Once the session is over the page still opens: it keeps what was filled in and asks to sign in.
    if (answer.ok || address !== PAGE) return answer;
    return (answer.status === 401 && (await cache.match(address))) || answer;
  } catch {
    return (await cache.match(address)) || Response.error();
  }
}
