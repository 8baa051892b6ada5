// Light or dark: as the system says, until the person chooses; the choice is remembered on this device.

type Choice = 'light' | 'dark';
const KEY = 'learnflow.theme';
const system = matchMedia('(prefers-color-scheme: dark)');

class Theme {
  #choice = $state<Choice | undefined>(read());
  #systemDark = $state(system.matches);

  constructor() {
    system.addEventListener('change', () => (this.#systemDark = system.matches));
    this.#show();
  }

  get isDark(): boolean {
    return this.#choice ? this.#choice === 'dark' : this.#systemDark;
  }

  toggle(): void {
    this.#choice = this.isDark ? 'light' : 'dark';
    this.#show();
    try {
      localStorage.setItem(KEY, this.#choice);
    } catch {
      // Not remembered where storage is forbidden.
    }
  }

  #show(): void {
    if (this.#choice) document.documentElement.dataset.theme = this.#choice;
  }
}

function read(): Choice | undefined {
  try {
    const saved = localStorage.getItem(KEY);
    return saved === 'light' || saved === 'dark' ? saved : undefined;
  } catch {
    return undefined;
  }
}

export const theme = new Theme();
