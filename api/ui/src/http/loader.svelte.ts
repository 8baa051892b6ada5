// A page's data on its way from the server: loading, there, or a problem with a way to try again.
import { asProblem, type Problem } from './request';
import { session } from '../account/session.svelte';

export class Loader<Data> {
  data = $state.raw<Data | undefined>();
  problem = $state.raw<Problem | undefined>();
  isLoading = $state(false);

  constructor(private readonly read: () => Promise<Data>) {}

  load = async (): Promise<void> => {
    if (this.isLoading) return;
    this.isLoading = true;
    this.problem = undefined;
    try {
      this.data = await this.read();
    } catch (error) {
      this.problem = asProblem(error);
      if (this.problem.status === 401) void session.refresh();
    } finally {
      this.isLoading = false;
    }
  };
}
