// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.ipc;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;

/**
 * An object with a key, an id, owners and a mode (Linux: {@code struct kern_ipc_perm}). Fields are
 * guarded by the table's monitor.
 */
public abstract class IpcObject {

    /** Read permission of everybody; the caller's share of it is looked at. */
    public static final int READ = 0444;

    /** Write permission of everybody. */
    public static final int WRITE = 0222;

    /** Size of {@code struct ipc64_perm}, in bytes. */
    static final int PERM_SIZE = 48;

    private static final int MODE_BITS = 0777;

    int key;
    int id;
    int sequence;
    int uid;
    int gid;
    int creatorUid;
    int creatorGid;
    int mode;
    long changeSeconds;
    boolean removed;

    IpcObject(int key, int mode, Credentials creator, long nowSeconds) {
        this.key = key;
        this.mode = mode & MODE_BITS;
        this.uid = creator.euid();
        this.creatorUid = creator.euid();
        this.gid = creator.egid();
        this.creatorGid = creator.egid();
        this.changeSeconds = nowSeconds;
    }

    /** Whose names for users a caller gives and sees. */
    static UserNamespace viewer() {
        Task caller = Task.current();
        return caller == null ? UserNamespace.INITIAL : caller.credentials().userNamespace();
    }

    /** Whether a caller has a capability in the namespace it finds the object in, its own. */
    private static boolean rules(Credentials who, int capability) {
        Task caller = Task.current();
        UserNamespace owner =
                caller == null ? UserNamespace.INITIAL : caller.ipcNamespace().owner();
        return who.hasIn(owner, capability);
    }

    /** EACCES unless the caller may do what {@code wanted} (READ, WRITE or mode bits) says. */
    void checkAccess(Credentials who, int wanted) throws ErrnoException {
        int requested = wanted >> 6 | wanted >> 3 | wanted;
        int granted = mode;
        if (who.euid() == creatorUid || who.euid() == uid) {
            granted >>= 6;
        } else if (who.inGroup(creatorGid) || who.inGroup(gid)) {
            granted >>= 3;
        }
        if ((requested & ~granted & 7) != 0 && !rules(who, Capabilities.CAP_IPC_OWNER)) {
            throw Errno.EACCES.exception();
        }
    }

    /** EPERM unless the caller owns or made it, or administers the system. */
    void checkControl(Credentials who) throws ErrnoException {
        if (who.euid() != creatorUid
                && who.euid() != uid
                && !rules(who, Capabilities.CAP_SYS_ADMIN)) {
            throw Errno.EPERM.exception();
        }
    }

    /** IPC_SET: owner and mode from a {@code struct ipc64_perm}. */
    void set(byte[] b, long nowSeconds) throws ErrnoException {
        int newUid = viewer().kernelUid(LittleEndian.getInt(b, 4));
        int newGid = viewer().kernelGid(LittleEndian.getInt(b, 8));
        if (newUid == -1 || newGid == -1) {
            throw Errno.EINVAL.exception();
        }
        uid = newUid;
        gid = newGid;
        mode = mode & ~MODE_BITS | LittleEndian.getInt(b, 20) & MODE_BITS;
        changeSeconds = nowSeconds;
    }

    /** Writes the {@code struct ipc64_perm} at the start of a buffer. */
    void writePermissions(byte[] b) {
        LittleEndian.putInt(b, 0, key);
        UserNamespace users = viewer();
        LittleEndian.putInt(b, 4, users.shownUid(uid));
        LittleEndian.putInt(b, 8, users.shownGid(gid));
        LittleEndian.putInt(b, 12, users.shownUid(creatorUid));
        LittleEndian.putInt(b, 16, users.shownGid(creatorGid));
        LittleEndian.putInt(b, 20, mode);
        LittleEndian.putInt(b, 24, sequence & 0xffff);
    }

    /** Fills in what IPC_STAT answers. */
    abstract void write(byte[] b);
}
