// Which page the address names: `#/`, `#/quiz/TOPIC`, `#/exercises/ID`, `#/sections/ID`, `#/students/ID`.

/** What is practised beside the chat. */
export type Practice = { page: 'quiz'; topic: string } | { page: 'exercise'; id: string };
export type Route =
  | { page: 'home' }
  | Practice
  | { page: 'section'; id: string }
  | { page: 'student'; id: string; section: string | undefined };

/** Reads a location hash; anything unknown is the first page. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?');
  const [page, raw = ''] = path.split('/');
  const id = decoded(raw);
  if (page === 'quiz' && id) return { page: 'quiz', topic: id };
  if (page === 'exercises' && id) return { page: 'exercise', id };
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

export const isPractice = (route: Route): route is Practice => route.page === 'quiz' || route.page === 'exercise';

export const quizAddress = (topic: string): string => `#/quiz/${encodeURIComponent(topic)}`;
export const exerciseAddress = (id: string): string => `#/exercises/${encodeURIComponent(id)}`;

class Router {
  route = $state.raw<Route>(parseRoute(location.hash));

  constructor() {
    addEventListener('hashchange', () => {
      const before = this.route;
      this.route = parseRoute(location.hash);
      // Practice opens beside the chat: nothing else moves, and it takes the focus itself.
      if (isPractice(before) || isPractice(this.route)) return;
      scrollTo(0, 0);
      document.getElementById('main')?.focus({ preventScroll: true });
    });
  }
}

/** Goes to an address behind the `#`. */
export const goTo = (address: string): void => void (location.hash = address);

export const router = new Router();
