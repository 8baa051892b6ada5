// Which page the address names: `#/`, `#/sections/ID`, `#/students/ID`.

export type Route = { page: 'home' } | { page: 'section'; id: string } | { page: 'student'; id: string; section: string | undefined };

/** Reads a location hash; anything unknown is the first page. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?');
  const [page, raw = ''] = path.split('/');
  const id = decoded(raw);
  if (page === 'sections' && id) return { page: 'section', id };
  if (page === 'students' && id) {
    return { page: 'student', id, section: new URLSearchParams(search).get('section') ?? undefined };
  }
  return { page: 'home' };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

class Router {
  route = $state.raw<Route>(parseRoute(location.hash));

  constructor() {
    addEventListener('hashchange', () => {
      this.route = parseRoute(location.hash);
      scrollTo(0, 0);
      document.getElementById('main')?.focus({ preventScroll: true });
    });
  }
}

export const router = new Router();
