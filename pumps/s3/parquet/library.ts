/** What is used of the library, in a file of its own: it is loaded by whoever stores Parquet, and by nobody else. */
export { ByteWriter, ParquetWriter } from 'hyparquet-writer';
