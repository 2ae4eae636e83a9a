/** The most bytes that the path of a Unix socket may have: `sun_path` of unix(7), without the final NUL. */
export const SOCKET_PATH_LIMIT = 107;
