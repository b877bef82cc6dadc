import type { Edit, Mutant } from './mutant.ts';

const noteAndCommit = "await connection.run([notes.note(blocks, noted), 'COMMIT']);";
const write = 'await work.write(this.#transactionOn(connection), fresh);';
const edit = (replace: string, by: string): Edit => ({
  file: 'pumps/shared/sql/database.js',
  replace,
  by,
});

/** What was stored and the note of it must become true at one moment. */
export const databaseMutants: readonly Mutant[] = [
  {
    name: 'note-behind-the-commit',
    about: 'rows are committed first, and the note of them afterwards',
    fault: 'sql-locked',
    edits: [
      edit(
        noteAndCommit,
        "await connection.run(['COMMIT']); await connection.run([notes.note(blocks, noted)]);",
      ),
    ],
  },
  {
    name: 'note-before-the-rows',
    about: 'the note is committed first, and the rows afterwards',
    fault: 'sql-locked',
    edits: [
      edit(
        write,
        `await connection.run([notes.note(blocks, noted), 'COMMIT', this.dialect.begin]); ${write}`,
      ),
    ],
  },
  {
    name: 'notes-unread',
    about: 'records that were noted are stored again',
    fault: 'sql-kill',
    edits: [edit('freshOf(work.entries, noted)', 'work.entries')],
  },
];
