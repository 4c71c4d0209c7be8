// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.p9;

/**
 * A request, from the Sentry to the gofer. Names are not checked here beyond their encoding: the
 * server decides which names it accepts.
 */
public sealed interface TMessage {

    /** The message type, {@code P9.T*}; the answer's is one more. */
    int type();

    /** Appends the body. */
    void body(P9Writer out);

    /** Builds the whole message. */
    default void encode(P9Writer out, int tag) {
        out.begin(type(), tag);
        body(out);
        out.finish();
    }

    /**
     * Decodes a body.
     *
     * @throws P9FormatException if the type is unknown or the body is not exactly one
     */
    static TMessage decode(int type, P9Reader in) throws P9FormatException {
        TMessage m = switch (type) {
            case P9.TVERSION -> new Version(in.i32(), in.string());
            case P9.TATTACH -> new Attach(in.i32(), in.i32(), in.string(), in.string(), in.i32());
            case P9.TFLUSH -> new Flush(in.u16());
            case P9.TWALK -> new Walk(in.i32(), in.i32(), names(in));
            case P9.TWALKGETATTR -> new WalkGetattr(in.i32(), in.i32(), in.u8(), names(in));
            case P9.TLOPEN -> new Lopen(in.i32(), in.i32());
            case P9.TOPENAT -> new Openat(in.i32(), in.string(), in.i32());
            case P9.TLCREATE -> new Lcreate(in.i32(), in.string(), in.i32(), in.i32(), in.i32());
            case P9.TREAD -> new Read(in.i32(), in.i64(), in.i32());
            case P9.TWRITE -> new Write(in.i32(), in.i64(), in.bytes());
            case P9.TCLUNK -> new Clunk(in.i32());
            case P9.TGETATTR -> new Getattr(in.i32(), in.i64());
            case P9.TSETATTR -> Setattr.decode(in);
            case P9.TREADDIR -> new Readdir(in.i32(), in.i64(), in.i32());
            case P9.TREADDIRATTR -> new ReaddirAttr(in.i32(), in.i64(), in.i32(), in.u8());
            default -> decodeRest(type, in);
        };
        in.end();
        return m;
    }

    private static TMessage decodeRest(int type, P9Reader in) throws P9FormatException {
        return switch (type) {
            case P9.TSTATFS -> new Statfs(in.i32());
            case P9.TSYMLINK -> new Symlink(in.i32(), in.string(), in.string(), in.i32());
            case P9.TMKNOD ->
                new Mknod(in.i32(), in.string(), in.i32(), in.i32(), in.i32(), in.i32());
            case P9.TMKDIR -> new Mkdir(in.i32(), in.string(), in.i32(), in.i32());
            case P9.TLINK -> new Link(in.i32(), in.i32(), in.string());
            case P9.TRENAMEAT -> new Renameat(in.i32(), in.string(), in.i32(), in.string());
            case P9.TRENAMEAT2 ->
                new Renameat2(in.i32(), in.string(), in.i32(), in.string(), in.i32());
            case P9.TUNLINKAT -> new Unlinkat(in.i32(), in.string(), in.i32());
            case P9.TREADLINK -> new Readlink(in.i32());
            case P9.TREADLINKAT -> new Readlinkat(in.i32(), in.string());
            case P9.TFSYNC -> new Fsync(in.i32(), in.i32());
            case P9.TXATTRWALK -> new Xattrwalk(in.i32(), in.i32(), in.string());
            case P9.TXATTRCREATE -> new Xattrcreate(in.i32(), in.string(), in.i64(), in.i32());
            default -> throw new P9FormatException("unknown message type");
        };
    }

    private static String[] names(P9Reader in) throws P9FormatException {
        int count = in.u16();
        if (count > P9.WALK_NAMES_MAX) {
            throw new P9FormatException("too many names");
        }
        String[] names = new String[count];
        for (int i = 0; i < count; i++) {
            names[i] = in.string();
        }
        return names;
    }

    private static void putNames(P9Writer out, String[] names) {
        out.u16(names.length);
        for (String name : names) {
            out.string(name);
        }
    }

    /** Opens the session. */
    record Version(int messageSize, String version) implements TMessage {
        @Override
        public int type() {
            return P9.TVERSION;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(messageSize);
            out.string(version);
        }
    }

    /** Binds {@code fid} to the root. */
    record Attach(int fid, int authFid, String user, String tree, int userId) implements TMessage {
        @Override
        public int type() {
            return P9.TATTACH;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fid);
            out.i32(authFid);
            out.string(user);
            out.string(tree);
            out.i32(userId);
        }
    }

    /** Gives up waiting for the answer to another request. */
    record Flush(int oldTag) implements TMessage {
        @Override
        public int type() {
            return P9.TFLUSH;
        }

        @Override
        public void body(P9Writer out) {
            out.u16(oldTag);
        }
    }

    /**
     * Binds {@code newFid} to what the names lead to from {@code fid}; no names: to the same file.
     */
    record Walk(int fid, int newFid, String[] names) implements TMessage {
        @Override
        public int type() {
            return P9.TWALK;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fid);
            out.i32(newFid);
            putNames(out, names);
        }
    }

    /** Walk that returns attributes; {@code newFid} may be NOFID; flags {@code P9.WALK_*}. */
    record WalkGetattr(int fid, int newFid, int flags, String[] names) implements TMessage {
        @Override
        public int type() {
            return P9.TWALKGETATTR;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fid);
            out.i32(newFid);
            out.u8(flags);
            putNames(out, names);
        }
    }

    /** Opens the fid's file; {@code flags} O_*. */
    record Lopen(int fid, int flags) implements TMessage {
        @Override
        public int type() {
            return P9.TLOPEN;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fid);
            out.i32(flags);
        }
    }

    /** Opens a child, or with an empty name the fid's own file, and donates the descriptor. */
    record Openat(int fid, String name, int flags) implements TMessage {
        @Override
        public int type() {
            return P9.TOPENAT;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fid);
            out.string(name);
            out.i32(flags);
        }
    }

    /**
     * Creates and opens a regular file; {@code fid}, a directory, is the file afterwards. With an
     * empty name (an extension) the file has none, as with O_TMPFILE.
     */
    record Lcreate(int fid, String name, int flags, int mode, int gid) implements TMessage {
        @Override
        public int type() {
            return P9.TLCREATE;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fid);
            out.string(name);
            out.i32(flags);
            out.i32(mode);
            out.i32(gid);
        }
    }

    /** Reads from an open file or an attribute. */
    record Read(int fid, long offset, int count) implements TMessage {
        @Override
        public int type() {
            return P9.TREAD;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fid);
            out.i64(offset);
            out.i32(count);
        }
    }

    /** Writes to an open file or an attribute. */
    record Write(int fid, long offset, byte[] data) implements TMessage {
        @Override
        public int type() {
            return P9.TWRITE;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fid);
            out.i64(offset);
            out.bytes(data, 0, data.length);
        }
    }

    /** Forgets a fid, whatever the answer. */
    record Clunk(int fid) implements TMessage {
        @Override
        public int type() {
            return P9.TCLUNK;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fid);
        }
    }

    /** Asks for attributes. */
    record Getattr(int fid, long mask) implements TMessage {
        @Override
        public int type() {
            return P9.TGETATTR;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fid);
            out.i64(mask);
        }
    }

    /** Changes the attributes that {@code valid} ({@code P9.SETATTR_*}) names. */
    record Setattr(
            int fid,
            int valid,
            int mode,
            int uid,
            int gid,
            long size,
            long accessSeconds,
            long accessNanos,
            long modifySeconds,
            long modifyNanos)
            implements TMessage {
        @Override
        public int type() {
            return P9.TSETATTR;
        }

        static Setattr decode(P9Reader in) throws P9FormatException {
            return new Setattr(
                    in.i32(), in.i32(), in.i32(), in.i32(), in.i32(), in.i64(), in.i64(), in.i64(),
                    in.i64(), in.i64());
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fid);
            out.i32(valid);
            out.i32(mode);
            out.i32(uid);
            out.i32(gid);
            out.i64(size);
            out.i64(accessSeconds);
            out.i64(accessNanos);
            out.i64(modifySeconds);
            out.i64(modifyNanos);
        }
    }

    /** Reads entries of an open directory; {@code count} limits the answer's data, bytes. */
    record Readdir(int fid, long offset, int count) implements TMessage {
        @Override
        public int type() {
            return P9.TREADDIR;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fid);
            out.i64(offset);
            out.i32(count);
        }
    }

    /** Reads entries of a directory that need not be open; flags {@code P9.READDIR_*}. */
    record ReaddirAttr(int fid, long offset, int count, int flags) implements TMessage {
        @Override
        public int type() {
            return P9.TREADDIRATTR;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fid);
            out.i64(offset);
            out.i32(count);
            out.u8(flags);
        }
    }

    /** Asks about the file system. */
    record Statfs(int fid) implements TMessage {
        @Override
        public int type() {
            return P9.TSTATFS;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fid);
        }
    }

    /** Creates a symbolic link. */
    record Symlink(int fid, String name, String target, int gid) implements TMessage {
        @Override
        public int type() {
            return P9.TSYMLINK;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fid);
            out.string(name);
            out.string(target);
            out.i32(gid);
        }
    }

    /** Creates a FIFO, socket or device node. */
    record Mknod(int fid, String name, int mode, int major, int minor, int gid)
            implements TMessage {
        @Override
        public int type() {
            return P9.TMKNOD;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fid);
            out.string(name);
            out.i32(mode);
            out.i32(major);
            out.i32(minor);
            out.i32(gid);
        }
    }

    /** Creates a directory. */
    record Mkdir(int fid, String name, int mode, int gid) implements TMessage {
        @Override
        public int type() {
            return P9.TMKDIR;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fid);
            out.string(name);
            out.i32(mode);
            out.i32(gid);
        }
    }

    /** Gives {@code fid}'s file another name. */
    record Link(int directoryFid, int fid, String name) implements TMessage {
        @Override
        public int type() {
            return P9.TLINK;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(directoryFid);
            out.i32(fid);
            out.string(name);
        }
    }

    /** Renames. */
    record Renameat(int oldFid, String oldName, int newFid, String newName) implements TMessage {
        @Override
        public int type() {
            return P9.TRENAMEAT;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(oldFid);
            out.string(oldName);
            out.i32(newFid);
            out.string(newName);
        }
    }

    /** Renames with {@code flags} RENAME_NOREPLACE, RENAME_EXCHANGE. */
    record Renameat2(int oldFid, String oldName, int newFid, String newName, int flags)
            implements TMessage {
        @Override
        public int type() {
            return P9.TRENAMEAT2;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(oldFid);
            out.string(oldName);
            out.i32(newFid);
            out.string(newName);
            out.i32(flags);
        }
    }

    /** Removes a name; {@code flags} AT_REMOVEDIR. */
    record Unlinkat(int fid, String name, int flags) implements TMessage {
        @Override
        public int type() {
            return P9.TUNLINKAT;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fid);
            out.string(name);
            out.i32(flags);
        }
    }

    /** Reads a symbolic link. */
    record Readlink(int fid) implements TMessage {
        @Override
        public int type() {
            return P9.TREADLINK;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fid);
        }
    }

    /** Reads a symbolic link in a directory. */
    record Readlinkat(int fid, String name) implements TMessage {
        @Override
        public int type() {
            return P9.TREADLINKAT;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fid);
            out.string(name);
        }
    }

    /** Writes back; {@code dataOnly} 1 for fdatasync(2). */
    record Fsync(int fid, int dataOnly) implements TMessage {
        @Override
        public int type() {
            return P9.TFSYNC;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fid);
            out.i32(dataOnly);
        }
    }

    /**
     * Binds {@code newFid} to an extended attribute for reading; empty name: to the list of names.
     */
    record Xattrwalk(int fid, int newFid, String name) implements TMessage {
        @Override
        public int type() {
            return P9.TXATTRWALK;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fid);
            out.i32(newFid);
            out.string(name);
        }
    }

    /** Turns {@code fid} into a new value of an attribute, set by Tclunk; size 0 removes it. */
    record Xattrcreate(int fid, String name, long size, int flags) implements TMessage {
        @Override
        public int type() {
            return P9.TXATTRCREATE;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fid);
            out.string(name);
            out.i64(size);
            out.i32(flags);
        }
    }
}
