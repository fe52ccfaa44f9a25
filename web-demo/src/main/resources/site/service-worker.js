/** Keeps what the pages asked for, so that they open without a network. Each answer is asked for anew while there is one. */
const CACHE = 'infuser-site';

const isModel = (url) => url.pathname.endsWith('.tea');
const tagOf = (response) => response?.headers.get('ETag');

async function keep(cache, request, response) {
  if (response.status === 200) await cache.put(request, response);
}

/** Models are large: one that has not changed is not fetched again. */
async function model(cache, request) {
  const kept = await cache.match(request, { ignoreSearch: true });
  if (kept) {
    const now = await fetch(request.url, { method: 'HEAD', cache: 'no-cache' }).catch(() => null);
    if (!now || tagOf(now) === tagOf(kept)) return kept;
  }
  return null;
}

async function answer(event) {
  const { request } = event, url = new URL(request.url), cache = await caches.open(CACHE);
  const kept = isModel(url) && !request.headers.has('Range') ? await model(cache, request) : null;
  if (kept) return kept;
  try {
    const response = await fetch(request);
    if (!request.headers.has('Range')) event.waitUntil(keep(cache, request, response.clone()));
    return response;
  } catch (error) {
    const old = await cache.match(request, { ignoreSearch: true });
    if (old) return old;
    throw error;
  }
}

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
  if (event.request.method === 'GET' && new URL(event.request.url).origin === location.origin) event.respondWith(answer(event));
});
