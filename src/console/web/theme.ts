/** Light or dark: as the system has it, unless somebody has chosen here. */

export type Theme = 'system' | 'light' | 'dark';

const key = 'sluice-theme';

export function chosenTheme(): Theme {
  try {
    const said = localStorage.getItem(key);
    return said === 'light' || said === 'dark' ? said : 'system';
  } catch {
    return 'system';
  }
}

export function chooseTheme(theme: Theme): void {
  try {
    if (theme === 'system') localStorage.removeItem(key);
    else localStorage.setItem(key, theme);
  } catch {
    // It lasts as long as the page.
  }
  wear(theme);
}

export const wearTheme = (): void => wear(chosenTheme());

function wear(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}
