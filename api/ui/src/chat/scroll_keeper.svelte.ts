// Keeps the newest text in sight while it streams, but never pulls a reader away who has scrolled up.

const NEAR_END_PX = 90;

export class ScrollKeeper {
  isAtEnd = $state(true);
  /** Nothing is followed before there is a conversation. */
  isOn = false;
  #isFollowing = true;
  #top = 0;
  #height = 0;
  /** Distance to the page's end that the next growth shall leave as it is. */
  #heldFromEnd: number | undefined;

  /** Watches the page's scrolling and growing; returns how to stop that. */
  watch(): () => void {
    const look = () => this.#look();
    const growth = new ResizeObserver(() => this.keep());
    growth.observe(document.body);
    addEventListener('scroll', look, { passive: true });
    return () => {
      growth.disconnect();
      removeEventListener('scroll', look);
    };
  }

  /** After the page has changed: goes on following, if that is what it did. */
  keep(): void {
    const page = document.documentElement;
    if (this.#heldFromEnd !== undefined && page.scrollHeight !== this.#height) {
      scrollTo({ top: page.scrollHeight - this.#heldFromEnd });
      this.#heldFromEnd = undefined;
    } else if (this.#isFollowing && this.isOn) {
      scrollTo({ top: page.scrollHeight });
    }
    this.#remember();
  }

  /** Text will be added above: what is read now stays where it is. */
  holdPlace(): void {
    const page = document.documentElement;
    this.#isFollowing = false;
    this.#heldFromEnd = page.scrollHeight - page.scrollTop;
    this.#remember();
  }

  /** Goes to the newest text, and follows it from now on. */
  toEnd(): void {
    this.#isFollowing = true;
    requestAnimationFrame(() => this.keep());
  }

  /** Only a person moves up while the page keeps its height; a page that shrinks moves by itself. */
  #look(): void {
    const page = document.documentElement;
    if (isNearEnd()) this.#isFollowing = true;
    else if (page.scrollTop < this.#top && page.scrollHeight === this.#height) this.#isFollowing = false;
    this.#remember();
  }

  #remember(): void {
    const page = document.documentElement;
    this.#top = page.scrollTop;
    this.#height = page.scrollHeight;
    this.isAtEnd = this.#isFollowing || isNearEnd();
  }
}

function isNearEnd(): boolean {
  const page = document.documentElement;
  return page.scrollHeight - page.scrollTop - page.clientHeight < NEAR_END_PX;
}
