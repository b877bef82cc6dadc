/* Functions that run in a page: each is sent there as text, so it has nothing but its arguments and what a browser has. */

/** Everything a page can send without asking anybody, and what it can ask for. Runs in the page. */
export async function attack([origin, all]) {
  let sent = 0;
  const types = ['text/plain', 'application/x-www-form-urlencoded', 'application/json'];
  for (const { path, body } of all) {
    const url = origin + path;
    for (const type of types) {
      for (const mode of ['no-cors', 'cors']) {
        const headers =
          mode === 'no-cors' && type === 'application/json' ? {} : { 'content-type': type };
        for (const text of [body, undefined]) {
          const how = { method: 'POST', mode, headers, credentials: 'include' };
          await fetch(url, text === undefined ? how : { ...how, body: text }).catch(
            () => undefined,
          );
          sent += 1;
        }
      }
      try {
        navigator.sendBeacon(url, new Blob([body], { type }));
      } catch {
        // Some browsers refuse the type; then nothing is sent, which is as good.
      }
    }
    // A form whose body is JSON: its one field is named `{"route":…,"x":"` and has the value `"}`.
    for (const enctype of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
    ]) {
      await new Promise((resolve) => {
        const frame = document.createElement('iframe');
        frame.name = `frame${sent}`;
        const form = document.createElement('form');
        Object.assign(form, { method: 'post', action: url, enctype, target: frame.name });
        const field = document.createElement('input');
        field.name = body === '{}' ? '' : body;
        form.append(field);
        document.body.append(frame, form);
        // The first is of the empty frame.
        form.submit();
        frame.addEventListener('load', () => resolve());
        sent += 1;
      });
    }
    // What is fetched by looking at it.
    await new Promise((resolve) => {
      const image = new Image();
      image.onerror = () => resolve();
      image.onload = () => resolve();
      image.src = url;
    });
  }
  return sent;
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
