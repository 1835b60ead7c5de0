/**
 * One object written piece by piece with bounded memory: up to one part it is a plain put, above
 * that a multipart upload, which shows nothing until it is completed.
 */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { GatheredOctets } from '../mail/gathered-octets.ts';
import { PartBuffers } from './part-buffers.ts';
import type { UploadBudget } from './upload-budget.ts';

/** S3's least size of a part; 10,000 parts make 50 GB, far above any message. */
const partOctets = 5 * 1024 * 1024;
const buffers = new PartBuffers(partOctets);
/** A part below this is not worth a buffer. */
const smallOctets = 256 * 1024;

export class Upload {
  readonly #client: S3Client;
  readonly #place: { readonly Bucket: string; readonly Key: string };
  readonly #budget: UploadBudget;
  readonly #part = new GatheredOctets();
  #total = 0;
  #uploadId: string | undefined;
  readonly #parts: { ETag: string | undefined; PartNumber: number }[] = [];

  constructor(client: S3Client, bucket: string, key: string, budget: UploadBudget) {
    this.#client = client;
    this.#budget = budget;
    this.#place = { Bucket: bucket, Key: key };
  }

  /** Takes octets; sends a part when one is full. Throws UploadsBusy. */
  async write(octets: Uint8Array): Promise<void> {
    for (let at = 0; at < octets.length; ) {
      const piece = octets.subarray(at, at + partOctets - this.#part.length);
      this.#budget.take(piece.length);
      this.#part.add(piece);
      this.#total += piece.length;
      at += piece.length;
      if (this.#part.length === partOctets) await this.#sendPart();
    }
  }

  /** Makes the object appear; its octets. */
  async end(): Promise<number> {
    if (this.#uploadId === undefined) {
      await this.#withPart((Body) => this.#client.send(new PutObjectCommand({ ...this.#place, Body })));
      return this.#total;
    }
    if (this.#part.length > 0) await this.#sendPart();
    const MultipartUpload = { Parts: this.#parts };
    const UploadId = this.#uploadId;
    await this.#client.send(
      new CompleteMultipartUploadCommand({ ...this.#place, UploadId, MultipartUpload }),
    );
    return this.#total;
  }

  /** Gives back the parts. A lifecycle rule of the bucket takes those of a crash, or of an abort that fails. */
  async abort(): Promise<void> {
    this.#budget.giveBack(this.#part.length);
    for (const _ of this.#part.drain()); // its memory is wanted by others
    if (this.#uploadId === undefined) return;
    const UploadId = this.#uploadId;
    await this.#client
      .send(new AbortMultipartUploadCommand({ ...this.#place, UploadId }))
      .catch(() => undefined);
  }

  async #sendPart(): Promise<void> {
    this.#uploadId ??= (await this.#client.send(new CreateMultipartUploadCommand(this.#place))).UploadId;
    const PartNumber = this.#parts.length + 1;
    const place = { ...this.#place, UploadId: this.#uploadId, PartNumber };
    const { ETag } = await this.#withPart((Body) =>
      this.#client.send(new UploadPartCommand({ ...place, Body })),
    );
    this.#parts.push({ ETag, PartNumber });
  }

  /** The part in one piece, for `send`. */
  async #withPart<Result>(send: (part: Buffer) => Promise<Result>): Promise<Result> {
    this.#budget.giveBack(this.#part.length);
    if (this.#part.length <= smallOctets) return send(this.#part.take());
    const buffer = buffers.take();
    const result = await send(this.#part.takeInto(buffer));
    buffers.giveBack(buffer); // of a request that failed, nobody knows whether it has ended
    return result;
  }
}
