// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.p9;

/** Numbers of the protocol: message types, limits, mask bits. */
public final class P9 {

    private P9() {}

    /** The only version that both sides speak. */
    public static final String VERSION = "9P2000.L.jvisor";

    /** Answer to Tversion with any other version. */
    public static final String VERSION_UNKNOWN = "unknown";

    /** Bytes before the body: size[4] type[1] tag[2]. */
    public static final int HEADER_SIZE = 7;

    /** Largest message that either side sends, bytes. */
    public static final int MESSAGE_SIZE_MAX = 128 * 1024;

    /** Smallest that a client may ask for: the longest request has two names or one link target. */
    public static final int MESSAGE_SIZE_MIN = 8 * 1024;

    /** Most names in one walk (MAXWELEM of the protocol). */
    public static final int WALK_NAMES_MAX = 16;

    /** Longest name of a directory entry (linux/limits.h: NAME_MAX). */
    public static final int NAME_MAX = 255;

    /** "No fid": afid of an attach, newfid of a walk that binds none. */
    public static final int NOFID = -1;

    /** The tag of Tversion. */
    public static final int NOTAG = 0xffff;

    public static final int RLERROR = 7;
    public static final int TSTATFS = 8;
    public static final int TLOPEN = 12;
    public static final int TLCREATE = 14;
    public static final int TSYMLINK = 16;
    public static final int TMKNOD = 18;
    public static final int TREADLINK = 22;
    public static final int TGETATTR = 24;
    public static final int TSETATTR = 26;
    public static final int TXATTRWALK = 30;
    public static final int TXATTRCREATE = 32;
    public static final int TREADDIR = 40;
    public static final int TFSYNC = 50;
    public static final int TLINK = 70;
    public static final int TMKDIR = 72;
    public static final int TRENAMEAT = 74;
    public static final int TUNLINKAT = 76;
    public static final int TVERSION = 100;
    public static final int TATTACH = 104;
    public static final int TFLUSH = 108;
    public static final int TWALK = 110;
    public static final int TREAD = 116;
    public static final int TWRITE = 118;
    public static final int TCLUNK = 120;

    /** Extension; see the package description. */
    public static final int TWALKGETATTR = 200;

    /** Extension. */
    public static final int TREADDIRATTR = 202;

    /** Extension. */
    public static final int TOPENAT = 204;

    /** Extension: Trenameat with the flags of renameat2(2). */
    public static final int TRENAMEAT2 = 206;

    /** Extension. */
    public static final int TREADLINKAT = 208;

    /** Twalkgetattr: bind {@code newfid} only if the walk ends at a directory. */
    public static final int WALK_FID_IF_DIRECTORY = 1;

    /** Treaddirattr: attributes of each entry are wanted. */
    public static final int READDIR_ATTRIBUTES = 1;

    public static final int QTDIR = 0x80;
    public static final int QTSYMLINK = 0x02;
    public static final int QTFILE = 0;

    /** What Tgetattr asks for and gets: everything up to the birth time. */
    public static final long GETATTR_ALL = 0x3fff;

    /** In {@code valid}: the birth time is known. */
    public static final long GETATTR_BTIME = 0x800;

    public static final int SETATTR_MODE = 0x1;
    public static final int SETATTR_UID = 0x2;
    public static final int SETATTR_GID = 0x4;
    public static final int SETATTR_SIZE = 0x8;
    public static final int SETATTR_ATIME = 0x10;
    public static final int SETATTR_MTIME = 0x20;
    public static final int SETATTR_CTIME = 0x40;

    /** The access time is set to the given value, not to now. */
    public static final int SETATTR_ATIME_SET = 0x80;

    public static final int SETATTR_MTIME_SET = 0x100;
}
