// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.identity;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/**
 * The set*id family as pure functions: credentials in, credentials out (Linux: kernel/sys.c and
 * cap_task_fix_setuid). Ids are the kernel's. An id of -1 means "leave as it is" where the call
 * allows it.
 */
public final class SetIdRules {

    /** Capabilities that follow the file system user id (Linux: CAP_FS_SET). */
    private static final long FILE_CAPABILITIES = bit(Capabilities.CAP_CHOWN)
            | bit(Capabilities.CAP_MKNOD)
            | bit(Capabilities.CAP_DAC_OVERRIDE)
            | bit(Capabilities.CAP_DAC_READ_SEARCH)
            | bit(Capabilities.CAP_FOWNER)
            | bit(Capabilities.CAP_FSETID)
            | bit(Capabilities.CAP_LINUX_IMMUTABLE)
            | bit(Capabilities.CAP_MAC_OVERRIDE);

    private static final int KEEP = -1;

    private SetIdRules() {}

    private static long bit(int capability) {
        return 1L << capability;
    }

    /** setuid(2). EINVAL for -1; EPERM. */
    public static Credentials setUid(Credentials old, int uid) throws ErrnoException {
        checkId(uid);
        CredentialsBuilder b = new CredentialsBuilder(old);
        if (old.hasOwn(Capabilities.CAP_SETUID)) {
            b.uid = uid;
            b.suid = uid;
        } else if (uid != old.uid() && uid != old.suid()) {
            throw Errno.EPERM.exception();
        }
        b.euid = uid;
        b.fsuid = uid;
        return fixCapabilities(old, b);
    }

    /** setreuid(2). EPERM. */
    public static Credentials setReUid(Credentials old, int ruid, int euid) throws ErrnoException {
        CredentialsBuilder b = new CredentialsBuilder(old);
        boolean privileged = old.hasOwn(Capabilities.CAP_SETUID);
        if (ruid != KEEP) {
            b.uid = ruid;
            require(privileged || ruid == old.uid() || ruid == old.euid());
        }
        if (euid != KEEP) {
            b.euid = euid;
            require(privileged || euid == old.uid() || euid == old.euid() || euid == old.suid());
        }
        if (ruid != KEEP || euid != KEEP && euid != old.uid()) {
            b.suid = b.euid;
        }
        b.fsuid = b.euid;
        return fixCapabilities(old, b);
    }

    /** setresuid(2). EPERM. */
    public static Credentials setResUid(Credentials old, int ruid, int euid, int suid)
            throws ErrnoException {
        CredentialsBuilder b = new CredentialsBuilder(old);
        if (!old.hasOwn(Capabilities.CAP_SETUID)) {
            require(ruid == KEEP || isOneOf(ruid, old.uid(), old.euid(), old.suid()));
            require(euid == KEEP || isOneOf(euid, old.uid(), old.euid(), old.suid()));
            require(suid == KEEP || isOneOf(suid, old.uid(), old.euid(), old.suid()));
        }
        if (ruid != KEEP) {
            b.uid = ruid;
        }
        if (euid != KEEP) {
            b.euid = euid;
        }
        if (suid != KEEP) {
            b.suid = suid;
        }
        b.fsuid = b.euid;
        return fixCapabilities(old, b);
    }

    /** setfsuid(2): what is not allowed changes nothing. */
    public static Credentials setFsUid(Credentials old, int uid) {
        boolean allowed = uid != KEEP
                && (isOneOf(uid, old.uid(), old.euid(), old.suid())
                        || uid == old.fsuid()
                        || old.hasOwn(Capabilities.CAP_SETUID));
        if (!allowed || uid == old.fsuid()) {
            return old;
        }
        CredentialsBuilder b = new CredentialsBuilder(old);
        b.fsuid = uid;
        if ((old.secureBits() & SecureBits.SECBIT_NO_SETUID_FIXUP) == 0) {
            int root = old.userNamespace().kernelUid(0);
            if (old.fsuid() == root) {
                b.effective &= ~FILE_CAPABILITIES;
            } else if (uid == root) {
                b.effective |= b.permitted & FILE_CAPABILITIES;
            }
        }
        return b.build();
    }

    /** setgid(2). EINVAL for -1; EPERM. */
    public static Credentials setGid(Credentials old, int gid) throws ErrnoException {
        checkId(gid);
        CredentialsBuilder b = new CredentialsBuilder(old);
        if (old.hasOwn(Capabilities.CAP_SETGID)) {
            b.gid = gid;
            b.sgid = gid;
        } else if (gid != old.gid() && gid != old.sgid()) {
            throw Errno.EPERM.exception();
        }
        b.egid = gid;
        b.fsgid = gid;
        return b.build();
    }

    /** setregid(2). EPERM. */
    public static Credentials setReGid(Credentials old, int rgid, int egid) throws ErrnoException {
        CredentialsBuilder b = new CredentialsBuilder(old);
        boolean privileged = old.hasOwn(Capabilities.CAP_SETGID);
        if (rgid != KEEP) {
            b.gid = rgid;
            require(privileged || rgid == old.gid() || rgid == old.egid());
        }
        if (egid != KEEP) {
            b.egid = egid;
            require(privileged || egid == old.gid() || egid == old.egid() || egid == old.sgid());
        }
        if (rgid != KEEP || egid != KEEP && egid != old.gid()) {
            b.sgid = b.egid;
        }
        b.fsgid = b.egid;
        return b.build();
    }

    /** setresgid(2). EPERM. */
    public static Credentials setResGid(Credentials old, int rgid, int egid, int sgid)
            throws ErrnoException {
        CredentialsBuilder b = new CredentialsBuilder(old);
        if (!old.hasOwn(Capabilities.CAP_SETGID)) {
            require(rgid == KEEP || isOneOf(rgid, old.gid(), old.egid(), old.sgid()));
            require(egid == KEEP || isOneOf(egid, old.gid(), old.egid(), old.sgid()));
            require(sgid == KEEP || isOneOf(sgid, old.gid(), old.egid(), old.sgid()));
        }
        if (rgid != KEEP) {
            b.gid = rgid;
        }
        if (egid != KEEP) {
            b.egid = egid;
        }
        if (sgid != KEEP) {
            b.sgid = sgid;
        }
        b.fsgid = b.egid;
        return b.build();
    }

    /** setfsgid(2): what is not allowed changes nothing. */
    public static Credentials setFsGid(Credentials old, int gid) {
        boolean allowed = gid != KEEP
                && (isOneOf(gid, old.gid(), old.egid(), old.sgid())
                        || gid == old.fsgid()
                        || old.hasOwn(Capabilities.CAP_SETGID));
        if (!allowed) {
            return old;
        }
        CredentialsBuilder b = new CredentialsBuilder(old);
        b.fsgid = gid;
        return b.build();
    }

    /** setgroups(2) after its checks; the array is taken over. */
    public static Credentials setGroups(Credentials old, int[] groups) {
        CredentialsBuilder b = new CredentialsBuilder(old);
        b.groups = groups;
        return b.build();
    }

    private static void checkId(int id) throws ErrnoException {
        if (id == KEEP) {
            throw Errno.EINVAL.exception();
        }
    }

    private static void require(boolean allowed) throws ErrnoException {
        if (!allowed) {
            throw Errno.EPERM.exception();
        }
    }

    private static boolean isOneOf(int id, int a, int b, int c) {
        return id == a || id == b || id == c;
    }

    /** What a change of user ids does to capabilities (Linux: cap_emulate_setxuid). */
    private static Credentials fixCapabilities(Credentials old, CredentialsBuilder b) {
        if ((old.secureBits() & SecureBits.SECBIT_NO_SETUID_FIXUP) != 0) {
            return b.build();
        }
        int root = old.userNamespace().kernelUid(0);
        boolean wasRoot = old.uid() == root || old.euid() == root || old.suid() == root;
        boolean isRoot = b.uid == root || b.euid == root || b.suid == root;
        if (wasRoot && !isRoot) {
            if ((old.secureBits() & SecureBits.SECBIT_KEEP_CAPS) == 0) {
                b.permitted = 0;
                b.effective = 0;
            }
            b.ambient = 0;
        }
        if (old.euid() == root && b.euid != root) {
            b.effective = 0;
        }
        if (old.euid() != root && b.euid == root) {
            b.effective = b.permitted;
        }
        return b.build();
    }
}
