import { element } from './dom.js';

/** Which addresses the policy of this page lets it connect to. */
async function policy() {
  const response = await fetch(location.href, { method: 'HEAD' });
  return response.headers.get('Content-Security-Policy') ?? '';
}

/**
 * Shows in `panel` what this page has asked for since `loaded()` was called, as the browser has recorded it, and the policy, which
 * holds for its workers, too, that lets it talk to nobody but the server it came from.
 */
export async function watch(panel) {
  const figure = element('p', { className: 'figure' });
  const connects = element('code');
  const list = element('ul');
  panel.append(figure, list, element('p', {}, 'Its workers are not counted. Under this policy of the server, the browser lets neither '
    + 'the page nor its workers talk to anybody but that server: ', connects));
  let since = Infinity;
  const seen = [];
  const show = () => {
    const later = seen.filter(({ startTime }) => startTime > since);
    const bytes = later.reduce((sum, { transferSize }) => sum + transferSize, 0);
    panel.dataset.requests = since === Infinity ? '' : later.length;
    figure.textContent = since === Infinity ? 'The model is not loaded yet.'
      : `Since the model was loaded this page has made ${later.length} requests, for ${bytes} bytes of answers.`;
    list.replaceChildren(...later.map(({ name }) => element('li', { textContent: name })));
  };
  new PerformanceObserver((entries) => {
    seen.push(...entries.getEntries());
    show();
  }).observe({ type: 'resource', buffered: true });
  show();
  const directives = (await policy().catch(() => '')).split(';').map((text) => text.trim());
  connects.textContent = directives.filter((text) => /^(default|connect|form)-/.test(text)).join('; ') || 'not known without a network';
  return {
    loaded() {
      since = performance.now();
      show();
    },
  };
}
