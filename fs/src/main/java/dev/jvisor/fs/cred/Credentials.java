// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.cred;

/**
 * Identity of a task (Linux: {@code struct cred}). Immutable: changes make a new one, so that
 * readers need no lock. Ids are kernel ids, 32 bits unsigned kept in an int; the user namespace
 * tells how the task sees them and how far its capabilities reach.
 */
public record Credentials(
        int uid,
        int euid,
        int suid,
        int fsuid,
        int gid,
        int egid,
        int sgid,
        int fsgid,
        int[] groups,
        long permitted,
        long effective,
        long inheritable,
        long bounding,
        long ambient,
        int secureBits,
        boolean noNewPrivileges,
        UserNamespace userNamespace) {

    /** All capabilities up to CAP_LAST_CAP (40). */
    public static final long ALL_CAPABILITIES = (1L << 41) - 1;

    private static final int[] NO_GROUPS = {};

    /** Root with all capabilities. */
    public static final Credentials ROOT = of(0, 0, NO_GROUPS, ALL_CAPABILITIES);

    /**
     * Makes credentials with all ids alike; {@code capabilities} are permitted, effective and
     * bounding.
     */
    public static Credentials of(int uid, int gid, int[] groups, long capabilities) {
        return new Credentials(
                uid,
                uid,
                uid,
                uid,
                gid,
                gid,
                gid,
                gid,
                groups,
                capabilities,
                capabilities,
                0,
                capabilities,
                0,
                0,
                false,
                UserNamespace.INITIAL);
    }

    /** Whether a capability holds for the whole kernel (Linux: {@code capable}). */
    public boolean has(int capability) {
        return userNamespace == UserNamespace.INITIAL && hasOwn(capability);
    }

    /** Whether a capability holds in the task's own user namespace. */
    public boolean hasOwn(int capability) {
        return (effective >>> capability & 1) != 0;
    }

    /**
     * Whether a capability holds in a user namespace (Linux: {@code ns_capable}): one that is held
     * above holds below, and who made a namespace has all in it.
     */
    public boolean hasIn(UserNamespace target, int capability) {
        for (UserNamespace n = target; ; ) {
            if (n == userNamespace) {
                return hasOwn(capability);
            }
            UserNamespace parent = n.parent();
            if (parent == null || n.level() <= userNamespace.level()) {
                return false;
            }
            if (parent == userNamespace && n.ownerUid() == euid) {
                return true;
            }
            n = parent;
        }
    }

    /** Whether {@code id} is the file system group or a supplementary one. */
    public boolean inGroup(int id) {
        if (id == fsgid) {
            return true;
        }
        for (int g : groups) {
            if (g == id) {
                return true;
            }
        }
        return false;
    }
}
