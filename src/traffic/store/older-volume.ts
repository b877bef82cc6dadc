import type { Millis } from '../../lib/units.ts';
import type { Database, OpenDatabase, Statement } from '../libsql.ts';
import { assertVersion, placesIn } from './volume-writer.ts';
import { sizeOf, type VolumeFile, writtenAt } from './volumes.ts';

/** A volume that is full: asked for records that come again, until it is dropped. */
export class OlderVolume {
  readonly file: VolumeFile;
  readonly size: number;
  /** When it was last written to. */
  readonly written: Millis;
  readonly #database: Database;
  readonly #statements = new Map<string, Promise<Statement>>();

  private constructor(
    file: VolumeFile,
    { size, written }: { readonly size: number; readonly written: Millis },
    database: Database,
  ) {
    this.file = file;
    this.size = size;
    this.written = written;
    this.#database = database;
  }

  /** Rejects where it is damaged, or of another version. */
  static async open(file: VolumeFile, sqlite: OpenDatabase): Promise<OlderVolume> {
    // Before it is opened: that alone may write to it.
    const about = { size: await sizeOf(file), written: await writtenAt(file) };
    const database = await sqlite(file.path);
    try {
      await assertVersion(database, file);
      const older = new OlderVolume(file, about, database);
      await older.has('');
      return older;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  async has(segment: string): Promise<boolean> {
    const statement = await this.#statement('SELECT id FROM segment WHERE name = ?');
    return (await statement.all([segment])).length > 0;
  }

  placesOf(segment: string, from: number, to: number): Promise<readonly number[]> {
    return placesIn((sql) => this.#statement(sql), segment, from, to);
  }

  close(): void {
    this.#database.close();
  }

  #statement(sql: string): Promise<Statement> {
    const known = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }
}
