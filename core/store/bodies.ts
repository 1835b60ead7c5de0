/** The BodyStore port on S3: objects under keys, ranged reads, multipart for streams. */
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type BodyCreator, BodyMissing, type BodyStore, type ListedBody } from '../mail/ports/body-store.ts';
import { Upload } from './upload.ts';
import { UploadBudget } from './upload-budget.ts';

/** DeleteObjects takes 1000 keys. */
const batchKeys = 1000;
/** Tries of a conditional put that met another one. */
const createAttempts = 3;
/** Memory for parts of uploads that are not full yet, of all sessions of a process. */
const uploadBudgetBytes = 256 * 1024 * 1024;

export class S3BodyStore implements BodyStore, BodyCreator {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #uploads: UploadBudget;

  constructor(client: S3Client, bucket: string, budgetBytes = uploadBudgetBytes) {
    this.#client = client;
    this.#bucket = bucket;
    this.#uploads = new UploadBudget(budgetBytes);
  }

  async put(key: string, octets: Uint8Array): Promise<void> {
    await this.#client.send(new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: octets }));
  }

  async create(key: string, octets: Uint8Array): Promise<boolean> {
    const input = { Bucket: this.#bucket, Key: key, Body: octets, IfNoneMatch: '*' };
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#client.send(new PutObjectCommand(input));
        return true;
      } catch (error) {
        const name = error instanceof Error ? error.name : '';
        if (name === 'PreconditionFailed') return false;
        // Another writer is at it just now; its outcome decides ours
        if (name !== 'ConditionalRequestConflict' || attempt >= createAttempts) throw error;
      }
    }
  }

  async putStream(key: string, octets: AsyncIterable<Uint8Array>): Promise<number> {
    const upload = new Upload(this.#client, this.#bucket, key, this.#uploads);
    try {
      for await (const chunk of octets) await upload.write(chunk);
      return await upload.end();
    } catch (error) {
      await upload.abort();
      throw error;
    }
  }

  async read(key: string, start: number, end: number): Promise<Uint8Array> {
    const body = await this.#get(key, start, end);
    return body === undefined ? new Uint8Array(0) : await body.transformToByteArray();
  }

  async *stream(key: string, start: number, end: number): AsyncIterable<Uint8Array> {
    const body = await this.#get(key, start, end);
    if (body !== undefined) yield* body as AsyncIterable<Uint8Array>;
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (let at = 0; at < keys.length; at += batchKeys) {
      const Objects = keys.slice(at, at + batchKeys).map((Key) => ({ Key }));
      const { Errors } = await this.#client.send(
        new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects, Quiet: true } }),
      );
      if (Errors !== undefined && Errors.length > 0) throw new Error(`S3 did not delete: ${Errors[0]?.Code}`);
    }
  }

  async list(prefix: string, after: string): Promise<readonly ListedBody[]> {
    const { Contents } = await this.#client.send(
      new ListObjectsV2Command({
        Bucket: this.#bucket,
        Prefix: prefix,
        MaxKeys: 1000,
        ...(after === '' ? {} : { StartAfter: after }),
      }),
    );
    return (Contents ?? []).map(({ Key, Size, LastModified }) => ({
      key: Key ?? '',
      sizeBytes: Size ?? 0,
      lastModifiedMs: LastModified?.getTime() ?? 0,
    }));
  }

  /** The octets of a range; undefined where the range is empty or begins beyond the end. */
  async #get(key: string, start: number, end: number): Promise<GetObjectCommandOutput['Body']> {
    if (start >= end) return undefined;
    const Range = Number.isFinite(end) ? `bytes=${start}-${end - 1}` : `bytes=${start}-`;
    try {
      const { Body } = await this.#client.send(
        new GetObjectCommand({ Bucket: this.#bucket, Key: key, Range }),
      );
      return Body;
    } catch (error) {
      if (error instanceof NoSuchKey) throw new BodyMissing(key, { cause: error });
      if (error instanceof Error && error.name === 'InvalidRange') return undefined;
      throw error;
    }
  }
}
