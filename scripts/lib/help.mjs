/**
 * Prints `text` and ends where help was asked for: before anything is installed, fetched or built.
 * @param {string} text
 */
export function helpIfAsked(text) {
  if (!process.argv.slice(2).some((arg) => arg === '--help' || arg === '-h')) return;
  console.log(text.trim());
  process.exit(0);
}
