import { text } from '#pump';

/** What says which of the two pumps of uptime records is meant; the configuration has looked at it by then. */
export const uptimeType = text({
  doc: 'Where uptime records go: exactly `sql`, or anything else for MongoDB.',
  default: 'mongo',
});
