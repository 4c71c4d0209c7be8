// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.cred;

import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Sched;

import org.jspecify.annotations.Nullable;

/**
 * Names for user and group ids, and capabilities that reach no farther (Linux: {@code struct
 * user_namespace}). Credentials and inodes hold kernel ids, which are the initial namespace's; they
 * are translated where a guest gives or sees them. Thread-safe.
 */
public final class UserNamespace extends Namespace {

    /** The one that maps every id to itself. */
    public static final UserNamespace INITIAL = new UserNamespace();

    private final @Nullable UserNamespace parent;
    private final int level;
    private final int ownerUid;
    private final int ownerGid;
    private final boolean ownerCouldSetFileCapabilities;
    private volatile IdMap uids;
    private volatile IdMap gids;
    private volatile boolean setgroupsAllowed;

    private UserNamespace() {
        super(INITIAL_USER);
        parent = null;
        level = 0;
        ownerUid = 0;
        ownerGid = 0;
        ownerCouldSetFileCapabilities = true;
        uids = IdMap.IDENTITY;
        gids = IdMap.IDENTITY;
        setgroupsAllowed = true;
    }

    private UserNamespace(UserNamespace parent, Credentials creator) {
        this.parent = parent;
        this.level = parent.level + 1;
        this.ownerUid = creator.euid();
        this.ownerGid = creator.egid();
        this.ownerCouldSetFileCapabilities = creator.hasOwn(Capabilities.CAP_SETFCAP);
        this.uids = IdMap.EMPTY;
        this.gids = IdMap.EMPTY;
        this.setgroupsAllowed = parent.setgroupsAllowed;
    }

    /**
     * Makes one below that of its creator.
     *
     * @throws ErrnoException ENOSPC if it would be too deep; EPERM if the creator has no name in
     *     its own
     */
    public static UserNamespace create(Credentials creator) throws ErrnoException {
        UserNamespace parent = creator.userNamespace();
        if (parent.level > LEVEL_MAX) {
            throw Errno.ENOSPC.exception();
        }
        if (parent.uids.fromKernel(creator.euid()) == IdMap.NONE
                || parent.gids.fromKernel(creator.egid()) == IdMap.NONE) {
            throw Errno.EPERM.exception();
        }
        return new UserNamespace(parent, creator);
    }

    /** The one it was made in, or null for the initial one. */
    public @Nullable UserNamespace parent() {
        return parent;
    }

    /** How deep it is; 0 for the initial one. */
    public int level() {
        return level;
    }

    /** Kernel id of the user who made it and has all capabilities in it. */
    public int ownerUid() {
        return ownerUid;
    }

    /** Whether its maker had CAP_SETFCAP: it may map the root above. */
    public boolean ownerCouldSetFileCapabilities() {
        return ownerCouldSetFileCapabilities;
    }

    /** Kernel id of the group of the user who made it. */
    public int ownerGid() {
        return ownerGid;
    }

    @Override
    public UserNamespace owner() {
        return parent == null ? this : parent;
    }

    @Override
    public String kind() {
        return "user";
    }

    @Override
    public int cloneFlag() {
        return Sched.CLONE_NEWUSER;
    }

    /** Whether it is another one or below it. */
    public boolean isWithin(UserNamespace other) {
        UserNamespace n = this;
        while (n.level > other.level && n.parent != null) {
            n = n.parent;
        }
        return n == other;
    }

    public IdMap uids() {
        return uids;
    }

    public IdMap gids() {
        return gids;
    }

    /** Whether setgroups(2) may be called in it: its group map is written and it was not denied. */
    public boolean maySetGroups() {
        return setgroupsAllowed && !gids.isEmpty();
    }

    /** What {@code /proc/PID/setgroups} says. */
    public boolean setgroupsAllowed() {
        return setgroupsAllowed;
    }

    /** Writes {@code /proc/PID/setgroups}. EPERM once the answer is settled. */
    public synchronized void setSetgroupsAllowed(boolean allowed) throws ErrnoException {
        if (allowed ? !setgroupsAllowed : !gids.isEmpty()) {
            throw Errno.EPERM.exception();
        }
        setgroupsAllowed = allowed;
    }

    /** Sets the map of user ids, once. EPERM if there is one. */
    public synchronized void setUids(IdMap map) throws ErrnoException {
        if (!uids.isEmpty()) {
            throw Errno.EPERM.exception();
        }
        uids = map;
    }

    /** Sets the map of group ids, once. EPERM if there is one. */
    public synchronized void setGids(IdMap map) throws ErrnoException {
        if (!gids.isEmpty()) {
            throw Errno.EPERM.exception();
        }
        gids = map;
    }

    /** The kernel's id for a user id given by a guest; -1 if it names none. */
    public int kernelUid(int uid) {
        return parent == null ? uid : uids.toKernel(uid);
    }

    /** The kernel's id for a group id given by a guest; -1 if it names none. */
    public int kernelGid(int gid) {
        return parent == null ? gid : gids.toKernel(gid);
    }

    /** A user id as a guest of this namespace sees it (Linux: {@code from_kuid_munged}). */
    public int shownUid(int kernelUid) {
        return parent == null ? kernelUid : shown(uids, kernelUid);
    }

    /** A group id as a guest of this namespace sees it (Linux: {@code from_kgid_munged}). */
    public int shownGid(int kernelGid) {
        return parent == null ? kernelGid : shown(gids, kernelGid);
    }

    private static int shown(IdMap map, int kernelId) {
        int id = map.fromKernel(kernelId);
        return id == IdMap.NONE ? IdMap.OVERFLOW : id;
    }

    /** Whether both ids of an inode have names here, so that capabilities here reach it. */
    public boolean maps(int kernelUid, int kernelGid) {
        return parent == null
                || uids.fromKernel(kernelUid) != IdMap.NONE
                        && gids.fromKernel(kernelGid) != IdMap.NONE;
    }
}
