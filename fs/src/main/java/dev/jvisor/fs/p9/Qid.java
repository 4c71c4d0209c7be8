// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.p9;

/**
 * The server's name of a file, 13 bytes.
 *
 * @param type {@code P9.QT*}
 * @param version changes with the file's contents; 0 from our server
 * @param path the host's inode number
 */
public record Qid(int type, int version, long path) {

    static Qid decode(P9Reader in) throws P9FormatException {
        return new Qid(in.u8(), in.i32(), in.i64());
    }

    void encode(P9Writer out) {
        out.u8(type);
        out.i32(version);
        out.i64(path);
    }

    /** Returns the qid type for {@code S_IF*} mode bits. */
    public static int typeOf(int mode) {
        return switch (mode & 0170000) {
            case 0040000 -> P9.QTDIR;
            case 0120000 -> P9.QTSYMLINK;
            default -> P9.QTFILE;
        };
    }
}
