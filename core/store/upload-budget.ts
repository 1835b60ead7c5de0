/** How much memory the parts of all uploads of one store may take that wait to be full. */

/** Others hold all of it: try again later. Peers that are slow or stuck cannot make it more. */
export class UploadsBusy extends Error {
  override readonly name = 'UploadsBusy';
}

export class UploadBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** Throws UploadsBusy when the bytes are not to be had. */
  take(bytes: number): void {
    if (bytes > this.#left)
      throw new UploadsBusy('the uploads under way hold all the memory there is for them');
    this.#left -= bytes;
  }

  giveBack(bytes: number): void {
    this.#left += bytes;
  }
}
