// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.cred;

/**
 * Identity of a task (Linux: {@code struct cred}). Immutable: changes make a new one, so that
 * readers need no lock. Ids are kernel ids, 32 bits unsigned kept in an int.
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
        boolean noNewPrivileges) {

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
                false);
    }

    /** Whether the capability {@code CAP_*} is effective. */
    public boolean has(int capability) {
        return (effective >>> capability & 1) != 0;
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
