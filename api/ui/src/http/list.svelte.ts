// A list that comes page by page from the server.
import { asProblem, type Problem } from './request';
import { session } from '../account/session.svelte';
import type { Page } from '../wire/records';

export class PagedList<Item> {
  items = $state.raw<readonly Item[]>([]);
  cursor = $state.raw<string | null>(null);
  problem = $state.raw<Problem | undefined>();
  isLoading = $state(false);
  isLoaded = $state(false);

  constructor(private readonly read: (cursor: string | null) => Promise<Page<Item>>) {}

  /** Reads the next page and adds it. */
  more = async (): Promise<void> => {
    if (this.isLoading) return;
    this.isLoading = true;
    this.problem = undefined;
    try {
      const page = await this.read(this.cursor);
      this.items = [...this.items, ...page.items];
      this.cursor = page.next_cursor ?? null;
      this.isLoaded = true;
    } catch (error) {
      this.problem = asProblem(error);
      if (this.problem.status === 401) void session.refresh();
    } finally {
      this.isLoading = false;
    }
  };
}
