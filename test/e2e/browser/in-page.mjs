/* Functions that run in a page: each is sent there as text, so it has nothing but its arguments and what a browser has. */

/** Everything a page can send without asking anybody, and what it can ask for. */
export async function attack([origin, all]) {
  const types = ['text/plain', 'application/x-www-form-urlencoded', 'application/json'];
  const sent = all.flatMap(({ path, body }) => {
    const url = origin + path;
    const fetched = types.flatMap((type) =>
      ['no-cors', 'cors'].flatMap((mode) => {
        // Without asking, no page can say that it sends JSON.
        const isSimple = mode === 'no-cors' && type === 'application/json';
        const headers = isSimple ? {} : { 'content-type': type };
        const how = { method: 'POST', mode, headers, credentials: 'include' };
        return [how, { ...how, body }].map((each) => fetch(url, each).catch(() => undefined));
      }),
    );
    for (const type of types)
      try {
        navigator.sendBeacon(url, new Blob([body], { type }));
      } catch {
        // Some browsers refuse the type; then nothing is sent, which is as good.
      }
    return [
      ...fetched,
      ...['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'].map((enctype) =>
        submitted(url, enctype, body),
      ),
      looked(url),
    ];
  });
  await Promise.all(sent);
  return sent.length;

  /** A form whose body is JSON as far as that goes: its one field has the body as its name. */
  function submitted(url, enctype, body) {
    const frame = document.createElement('iframe');
    const form = document.createElement('form');
    const target = `frame${Math.random()}`;
    frame.name = target;
    Object.assign(form, { method: 'post', action: url, enctype, target });
    const field = document.createElement('input');
    field.name = body;
    form.append(field);
    document.body.append(frame, form);
    const over = new Promise((resolve) => frame.addEventListener('load', resolve));
    form.submit();
    return over;
  }

  /** What is fetched by showing it. */
  function looked(url) {
    return new Promise((resolve) => {
      const image = new Image();
      image.onerror = resolve;
      image.onload = resolve;
      image.src = url;
    });
  }
}

/** Adds a frame, and gives it once it has loaded, whatever it has become. */
export async function addFrame(source) {
  const made = document.createElement('iframe');
  made.src = source;
  const loaded = new Promise((resolve) => made.addEventListener('load', resolve));
  document.body.append(made);
  await loaded;
  return made;
}

/** Two frames later: what was to happen at once has. */
export const afterFrames = () =>
  new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));

/** What axe finds that is serious or critical, a line each. Its script is there. */
export async function runAxe() {
  const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.map(
        ({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)} (${failureSummary})`,
      ),
    );
}

/** What makes the page wider than its window, once it has taken in how wide that is; nothing: it fits. */
export async function tooWide() {
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  const { clientWidth, scrollWidth } = document.documentElement;
  const pixels = Math.max(scrollWidth, document.body.scrollWidth) - clientWidth;
  if (pixels <= 0) return [];
  const isCut = (element) =>
    element !== null &&
    element !== document.body &&
    (getComputedStyle(element).overflowX !== 'visible' || isCut(element.parentElement));
  const wide = [...document.body.querySelectorAll('*')].filter(
    (element) =>
      element.getBoundingClientRect().right > clientWidth + 1 && !isCut(element.parentElement),
  );
  const named = wide.map(
    ({ localName, className }) => `${localName}.${className?.baseVal ?? className}`,
  );
  return [
    `it is ${pixels} pixels wider than its window: ${[...new Set(named)].slice(0, 12).join(', ')}`,
  ];
}

/** What a text became that was taken for markup: elements that no page of ours has, handlers, and addresses that run code. */
export function intruders() {
  const kinds = 'img, iframe, object, embed, base, frame, math, marquee, video, audio, template';
  const found = [
    ...document.querySelectorAll(`${kinds}, body script, body style, body link, body meta`),
  ];
  for (const element of document.querySelectorAll('*'))
    for (const { name, value } of element.attributes)
      if (
        name.startsWith('on') ||
        (/^(?:href|src|action|formaction|xlink:href)$/.test(name) &&
          element.localName !== 'link' &&
          /^\s*(?:javascript|data|vbscript):/i.test(value))
      )
        found.push(element);
  return found.map(({ outerHTML }) => outerHTML.slice(0, 200));
}

/** A request by a script of the page, with whatever credentials it has kept. */
export async function askAsPage([method, path, body]) {
  const authorization = sessionStorage.getItem('sluice-credentials') ?? '';
  const headers = {
    authorization,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  return (await fetch(path, { method, headers, ...(body === undefined ? {} : { body }) })).status;
}

/** Everything that a page has kept in the browser. */
export const keptInBrowser = () => ({
  session: { ...sessionStorage },
  local: { ...localStorage },
  cookies: document.cookie,
  name: window.name,
});

/** Keys go there. */
export const hasFocus = (element) => element === document.activeElement;
