/** A new element. Names of attributes go to `attributes`, all else are properties. */
export function element(name, { attributes = {}, ...properties } = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export const megabytes = (bytes) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

/** Shows an error of infuser or of the page: what is wrong, what was found and what to do. */
export function showError(place, error) {
  for (const name of ['message', 'detail', 'hint']) {
    const line = place.querySelector(`.${name}`);
    line.textContent = error[name] ?? '';
    line.hidden = !line.textContent;
  }
  const code = error.code && typeof error.code === 'string' ? error.code : error.name;
  place.querySelector('.code').textContent = `Code: ${code}${error.node ? ` · at ${error.node}` : ''}`;
  place.dataset.code = code;
  place.hidden = false;
}
