/*
 * Requests that two readers understand differently, by what they play with. The kinds are those of public writings: Linhart
 * and others (2005), Kettle's desync attacks (2019, 2021, 2022, 2025), the table of defparam/smuggler, the HTTP Garden's
 * classes of disagreement, 0ang3el on upgrades, Weikop on chunk extensions (2025), and RFC 9112, 11.2. The wording is ours.
 * Each carries a request for /smuggled, in a place where one of the two readers would find it.
 */

/** What the one reader takes for a body and the other for the next request. */
const hidden = 'GET /smuggled HTTP/1.1\r\nHost: origin.example\r\n\r\n';
const asChunk = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`;

const post = (headers: string, body: string): string =>
  `POST /first HTTP/1.1\r\nHost: origin.example\r\n${headers}\r\n${body}`;
const both = (te: string): string => post(`Content-Length: 5\r\n${te}\r\n`, `0\r\n\r\n${hidden}`);
const onlyCoding = (te: string): string => post(`${te}\r\n`, `0\r\n\r\n${hidden}`);
const length = (value: string): string => post(`Content-Length: ${value}\r\n`, hidden);
const chunks = (body: string): string => post('Transfer-Encoding: chunked\r\n', body);
const get = (line: string, headers = ''): string =>
  `${line}\r\nHost: origin.example\r\n${headers}\r\n${hidden}`;

/** Refused with 400 (or the status given), and the connection closed: nothing of them reaches an upstream. */
export const refused: Readonly<Record<string, string>> = {
  // Two lengths.
  'length and chunked': both('Transfer-Encoding: chunked'),
  'chunked and length': post(
    `Transfer-Encoding: chunked\r\nContent-Length: ${asChunk.length}\r\n`,
    `0\r\n\r\n${hidden}`,
  ),
  'two different lengths': post(
    `Content-Length: ${hidden.length}\r\nContent-Length: 0\r\n`,
    hidden,
  ),
  'the same length twice': post('Content-Length: 0\r\nContent-Length: 0\r\n', hidden),
  'two lengths in one header': length('0, 0'),
  'a length with a sign': length('+0'),
  'a negative length': length('-1'),
  'a length in hexadecimal': length('0x0'),
  'a length with a space in it': length('0 0'),
  'a length with a fraction': length('0.0'),
  'a length with an exponent': length('0e1'),
  'an empty length': length(''),
  'a length beyond all numbers': length('18446744073709551616'),
  'a length beyond what numbers hold exactly': length('9007199254740993000'),
  'a length with a letter': length('0a'),
  'a quoted length': length('"0"'),
  'a length in a header with an underscore': post(`Content_Length: ${hidden.length}\r\n`, hidden),
  // Codings that only one of the two understands.
  'chunked, misspelt': both('Transfer-Encoding: xchunked'),
  'chunked after a vertical tab': both('Transfer-Encoding:\u000bchunked'),
  'a space before the colon': both('Transfer-Encoding : chunked'),
  'a tab before the colon': both('Transfer-Encoding\t: chunked'),
  'a folded coding': both('Transfer-Encoding:\r\n chunked'),
  'a coding behind a folded header': both('X: y\r\n Transfer-Encoding: chunked'),
  'a coding with an underscore': both('Transfer_Encoding: chunked'),
  'a coding with an underscore, alone': onlyCoding('Transfer_Encoding: chunked'),
  'a quoted coding': both('Transfer-Encoding: "chunked"'),
  'a coding with a parameter': onlyCoding('Transfer-Encoding: chunked;q=1'),
  'an empty coding': onlyCoding('Transfer-Encoding:'),
  'identity before chunked': onlyCoding('Transfer-Encoding: identity, chunked'),
  'gzip before chunked': onlyCoding('Transfer-Encoding: gzip, chunked'),
  'chunked before identity': onlyCoding('Transfer-Encoding: chunked, identity'),
  'chunked twice in one header': onlyCoding('Transfer-Encoding: chunked, chunked'),
  'chunked twice': onlyCoding('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked'),
  'chunked, then nonsense': onlyCoding('Transfer-Encoding: chunked\r\nTransfer-encoding: cow'),
  'nonsense, then chunked': onlyCoding('Transfer-Encoding: cow\r\nTransfer-Encoding: chunked'),
  'identity alone': onlyCoding('Transfer-Encoding: identity'),
  'a comma behind chunked': onlyCoding('Transfer-Encoding: chunked,'),
  'a NUL behind chunked': onlyCoding('Transfer-Encoding: chunked\0'),
  'a control character before the name': onlyCoding('\u0001Transfer-Encoding: chunked'),
  'a byte above ASCII in the name': onlyCoding('Transfer-Encoding\u00a0: chunked'),
  'chunked in HTTP/1.0': `POST /first HTTP/1.0\r\nHost: origin.example\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
  // Ends of lines.
  'lines that end with LF alone': `GET /first HTTP/1.1\nHost: origin.example\n\n${hidden}`,
  'one header that ends with LF alone': `GET /first HTTP/1.1\r\nHost: origin.example\nX: 1\r\n\r\n${hidden}`,
  'a head that ends with LF alone': `GET /first HTTP/1.1\r\nHost: origin.example\r\n\n${hidden}`,
  'a CR in a value': both('X: y\rTransfer-Encoding: chunked'),
  'a LF in a value': both('X: y\nTransfer-Encoding: chunked'),
  'lines that end with CR alone': `GET /first HTTP/1.1\rHost: origin.example\r\r${hidden}`,
  'a request line that ends with LF alone, without a version': `GET /first\nHost: origin.example\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
  // Headers that are none.
  'a header without a colon': get('GET /first HTTP/1.1', 'nonsense\r\n'),
  'a header without a name': get('GET /first HTTP/1.1', ': x\r\n'),
  'a space before the first header': `GET /first HTTP/1.1\r\n X: y\r\nHost: origin.example\r\n\r\n${hidden}`,
  'a NUL in a name': get('GET /first HTTP/1.1', 'X\0: y\r\n'),
  'a NUL in a value': get('GET /first HTTP/1.1', 'X: y\0\r\n'),
  'a folded header': get('GET /first HTTP/1.1', 'X: y\r\n z: w\r\n'),
  'a header folded with a tab': get('GET /first HTTP/1.1', 'X: y\r\n\tz: w\r\n'),
  // Chunks.
  'a size that ends with LF alone': chunks(`5\nhello\r\n0\r\n\r\n${hidden}`),
  'an extension that ends with LF alone': chunks(
    `2;\nxx\r\n${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
  ),
  'an extension with a CR in it': chunks(`2;a\rb\r\nxx\r\n0\r\n\r\n${hidden}`),
  'a quoted extension with an end of line in it': chunks(`2;a="\r\n"\r\nxx\r\n0\r\n\r\n${hidden}`),
  'a chunk that ends with LF alone': chunks(`5\r\nhello\n0\r\n\r\n${hidden}`),
  'a chunk that is longer than it says': chunks(`5\r\nhelloXX\r\n0\r\n\r\n${hidden}`),
  'a chunk that is shorter than it says': chunks(`7\r\nhello\r\n0\r\n\r\n${hidden}`),
  'a size with 0x': chunks(`0x5\r\nhello\r\n0\r\n\r\n${hidden}`),
  'a size with a sign': chunks(`+5\r\nhello\r\n0\r\n\r\n${hidden}`),
  'a size with an underscore': chunks(`0_5\r\nhello\r\n0\r\n\r\n${hidden}`),
  'a size with a space behind it': chunks(`5 \r\nhello\r\n0\r\n\r\n${hidden}`),
  'a size with a space before it': chunks(` 5\r\nhello\r\n0\r\n\r\n${hidden}`),
  'a size that wraps around': chunks(`10000000000000005\r\nhello\r\n0\r\n\r\n${hidden}`),
  'an empty size': chunks(`\r\nhello\r\n0\r\n\r\n${hidden}`),
  'a last chunk that ends with LF alone': chunks(`5\r\nhello\r\n0\n\n${hidden}`),
  'a length among the trailers': chunks(`0\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`),
  'a trailer without a colon': chunks(`0\r\nnonsense\r\n\r\n${hidden}`),
  // The request line.
  'HTTP/0.9': `GET /first\r\n\r\n${hidden}`,
  'HTTP/0.9, said aloud': get('GET /first HTTP/0.9'),
  'HTTP/1.2': get('GET /first HTTP/1.2'),
  'HTTP/2.0 in the words of HTTP/1': get('GET /first HTTP/2.0'),
  'a version with a zero': get('GET /first HTTP/1.01'),
  'another protocol': get('GET /first ICE/1.0'),
  'a tab for a space': get('GET\t/first HTTP/1.1'),
  'four words': get('GET /first /smuggled HTTP/1.1'),
  'a method in lower case': get('get /first HTTP/1.1'),
  'a method that is none': get('GET/ /first HTTP/1.1'),
  'a target without a slash': get('GET first HTTP/1.1'),
  'a target with a control character': get('GET /first\u0001 HTTP/1.1'),
  'a target with a fragment': get('GET /first#/smuggled HTTP/1.1'),
  'a target of a file': get('GET file:///first HTTP/1.1'),
  'a target with a user in it': get('GET http://user@origin.example/first HTTP/1.1'),
  'a star for another method than OPTIONS': get('GET * HTTP/1.1'),
  // Whom it is for.
  'two hosts': get('GET /first HTTP/1.1', 'Host: other.example\r\n'),
  'no host': `GET /first HTTP/1.1\r\n\r\n${hidden}`,
  'a target for another host': get('GET http://other.example/first HTTP/1.1'),
  'a host with a path': `GET /first HTTP/1.1\r\nHost: origin.example/other\r\n\r\n${hidden}`,
  'a host with a user': `GET /first HTTP/1.1\r\nHost: user@origin.example\r\n\r\n${hidden}`,
  'a host with a space': `GET /first HTTP/1.1\r\nHost: origin.example other\r\n\r\n${hidden}`,
  'a host with a comma': `GET /first HTTP/1.1\r\nHost: origin.example,other.example\r\n\r\n${hidden}`,
  'a host with a port that is none': `GET /first HTTP/1.1\r\nHost: origin.example:80x\r\n\r\n${hidden}`,
  // Waiting and changing.
  'an expectation hidden in another': post(
    `Expect: y 100-continue\r\nContent-Length: ${hidden.length}\r\n`,
    hidden,
  ),
  'an upgrade with a length': get(
    'GET /first HTTP/1.1',
    `Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: ${hidden.length}\r\n`,
  ),
  'an upgrade with chunks': `GET /first HTTP/1.1\r\nHost: origin.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
  'a request behind the last one': get('GET /first HTTP/1.1', 'Connection: close\r\n'),
};

/**
 * One request each, whatever it tries: it reaches the upstream in our words, so that nothing is left to misunderstand. What
 * it hides stays a body, or goes nowhere.
 */
export const rewritten: Readonly<Record<string, string>> = {
  'a body that looks like a request': length(String(hidden.length)),
  'a chunk that looks like a request': chunks(asChunk),
  'a length with zeros before it': length(`00${hidden.length}`),
  'a size with zeros before it': chunks(`00${asChunk}`),
  'a chunk with an extension': chunks(asChunk.replace('\r\n', ';a=b;c="d"\r\n')),
  'chunked in capitals': post('TRANSFER-ENCODING: CHUNKED\r\n', asChunk),
  'chunked behind a tab': post('Transfer-Encoding:\tchunked\r\n', asChunk),
  'a connection header that names the length': post(
    `Connection: Content-Length\r\nContent-Length: ${hidden.length}\r\n`,
    hidden,
  ),
  'a connection header that names the host': post(
    `Connection: Host\r\nContent-Length: ${hidden.length}\r\n`,
    hidden,
  ),
  'a length for GET': `GET /first HTTP/1.1\r\nHost: origin.example\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
  'chunks for GET': `GET /first HTTP/1.1\r\nHost: origin.example\r\nTransfer-Encoding: chunked\r\n\r\n${asChunk}`,
  'the right host as a URL': `POST http://origin.example/first HTTP/1.1\r\nHost: origin.example\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
  'an upgrade that the upstream does not know': `GET /first HTTP/1.1\r\nHost: origin.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 777\r\n\r\n${hidden}`,
  'an upgrade to HTTP/2': `GET /first HTTP/1.1\r\nHost: origin.example\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n${hidden}`,
  'an expectation, and the body at once': post(
    `Expect: 100-continue\r\nContent-Length: ${hidden.length}\r\n`,
    hidden,
  ),
};
