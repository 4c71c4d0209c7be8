// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.p9;

/**
 * Attributes of a file as they travel: the body of Rgetattr, preceded by the device in the
 * extensions' answers. Filled in once and not changed after that, so it may be shared between
 * threads.
 */
public final class P9Attributes {

    /** Encoded size with the device in front, bytes. */
    public static final int ENCODED_SIZE = 8 + 8 + 13 + 12 + 5 * 8 + 8 * 8 + 16;

    /** The host's device number, 0 where the message has none. */
    public long device;

    /** Which fields are known, {@code P9.GETATTR_*}. */
    public long valid;

    /** The host's inode number (the path of the qid). */
    public long inode;

    /** Type and permission bits. */
    public int mode;

    public int uid;
    public int gid;
    public long links;
    public long rdevice;
    public long size;
    public long blockSize;
    public long blocks;
    public long accessSeconds;
    public long accessNanos;
    public long modifySeconds;
    public long modifyNanos;
    public long changeSeconds;
    public long changeNanos;
    public long birthSeconds;
    public long birthNanos;

    /** Returns the file's type, one of {@code S_IFMT}'s values. */
    public int type() {
        return mode & 0170000;
    }

    public boolean isDirectory() {
        return type() == 0040000;
    }

    public boolean isRegular() {
        return type() == 0100000;
    }

    /** Whether both describe the same file. */
    public boolean isSameFile(P9Attributes other) {
        return inode == other.inode && device == other.device && type() == other.type();
    }

    void encodeWithDevice(P9Writer out) {
        out.i64(device);
        encode(out);
    }

    void encode(P9Writer out) {
        out.i64(valid);
        out.u8(Qid.typeOf(mode));
        out.i32(0);
        out.i64(inode);
        out.i32(mode);
        out.i32(uid);
        out.i32(gid);
        out.i64(links);
        out.i64(rdevice);
        out.i64(size);
        out.i64(blockSize);
        out.i64(blocks);
        out.i64(accessSeconds);
        out.i64(accessNanos);
        out.i64(modifySeconds);
        out.i64(modifyNanos);
        out.i64(changeSeconds);
        out.i64(changeNanos);
        out.i64(birthSeconds);
        out.i64(birthNanos);
        out.i64(0); // gen
        out.i64(0); // data_version
    }

    static P9Attributes decodeWithDevice(P9Reader in) throws P9FormatException {
        long device = in.i64();
        P9Attributes a = decode(in);
        a.device = device;
        return a;
    }

    static P9Attributes decode(P9Reader in) throws P9FormatException {
        P9Attributes a = new P9Attributes();
        a.valid = in.i64();
        Qid qid = Qid.decode(in);
        a.inode = qid.path();
        a.mode = in.i32();
        a.uid = in.i32();
        a.gid = in.i32();
        a.links = in.i64();
        a.rdevice = in.i64();
        a.size = in.i64();
        a.blockSize = in.i64();
        a.blocks = in.i64();
        a.accessSeconds = in.i64();
        a.accessNanos = in.i64();
        a.modifySeconds = in.i64();
        a.modifyNanos = in.i64();
        a.changeSeconds = in.i64();
        a.changeNanos = in.i64();
        a.birthSeconds = in.i64();
        a.birthNanos = in.i64();
        in.i64();
        in.i64();
        if (qid.type() != Qid.typeOf(a.mode) || (a.mode & ~0177777) != 0 || a.size < 0) {
            throw new P9FormatException("attributes contradict themselves");
        }
        return a;
    }
}
