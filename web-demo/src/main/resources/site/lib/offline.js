/**
 * Makes the site work without a network from the next visit on. Resolves once requests pass the service worker, so that what is
 * fetched afterwards is kept, or soon where that cannot be.
 */
export async function keepOffline() {
  if (!('serviceWorker' in navigator)) return;
  const controlled = new Promise((resolve) => {
    if (navigator.serviceWorker.controller) resolve();
    else navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true });
  });
  const late = new Promise((resolve) => { setTimeout(resolve, 3000); });
  try {
    await navigator.serviceWorker.register(new URL('../service-worker.js', import.meta.url));
    await Promise.race([controlled, late]);
  } catch {
    // Private windows have no service workers; the site works there while there is a network.
  }
}
