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

/** S3's least size of a part; 10,000 parts make 50 GB, far above any message. */
const partOctets = 5 * 1024 * 1024;

export class Upload {
  readonly #client: S3Client;
  readonly #place: { readonly Bucket: string; readonly Key: string };
  #chunks: Uint8Array[] = [];
  #buffered = 0;
  #total = 0;
  #uploadId: string | undefined;
  readonly #parts: { ETag: string | undefined; PartNumber: number }[] = [];

  constructor(client: S3Client, bucket: string, key: string) {
    this.#client = client;
    this.#place = { Bucket: bucket, Key: key };
  }

  /** Takes octets, which must not change afterwards; sends a part when one is full. */
  async write(octets: Uint8Array): Promise<void> {
    for (let at = 0; at < octets.length; ) {
      const piece = octets.subarray(at, at + partOctets - this.#buffered);
      this.#chunks.push(piece);
      this.#buffered += piece.length;
      this.#total += piece.length;
      at += piece.length;
      if (this.#buffered === partOctets) await this.#sendPart();
    }
  }

  /** Makes the object appear; its octets. */
  async end(): Promise<number> {
    if (this.#uploadId === undefined) {
      await this.#client.send(new PutObjectCommand({ ...this.#place, Body: Buffer.concat(this.#chunks) }));
      return this.#total;
    }
    if (this.#buffered > 0) await this.#sendPart();
    const MultipartUpload = { Parts: this.#parts };
    const UploadId = this.#uploadId;
    await this.#client.send(
      new CompleteMultipartUploadCommand({ ...this.#place, UploadId, MultipartUpload }),
    );
    return this.#total;
  }

  /** Gives back the parts. A lifecycle rule of the bucket takes those of a crash, or of an abort that fails. */
  async abort(): Promise<void> {
    if (this.#uploadId === undefined) return;
    const UploadId = this.#uploadId;
    await this.#client
      .send(new AbortMultipartUploadCommand({ ...this.#place, UploadId }))
      .catch(() => undefined);
  }

  async #sendPart(): Promise<void> {
    this.#uploadId ??= (await this.#client.send(new CreateMultipartUploadCommand(this.#place))).UploadId;
    const PartNumber = this.#parts.length + 1;
    const Body = Buffer.concat(this.#chunks);
    const { ETag } = await this.#client.send(
      new UploadPartCommand({ ...this.#place, UploadId: this.#uploadId, PartNumber, Body }),
    );
    this.#parts.push({ ETag, PartNumber });
    this.#chunks = [];
    this.#buffered = 0;
  }
}
