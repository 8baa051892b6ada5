// Whether the screen is so narrow that the chat and what is practised take turns. The same width stands in the styles of the chat page.

const query = matchMedia('(max-width: 799px)');

class Media {
  isNarrow = $state(query.matches);

  constructor() {
    query.addEventListener('change', () => (this.isNarrow = query.matches));
  }
}

export const media = new Media();
