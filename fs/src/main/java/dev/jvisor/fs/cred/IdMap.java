// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.cred;

/**
 * How the ids of a user namespace are those of the kernel (Linux: {@code struct uid_gid_map}).
 * Immutable. Ids are 32 bits unsigned; -1 is none.
 */
public final class IdMap {

    /** What an id that has no name in a namespace is shown as ({@code overflowuid}). */
    public static final int OVERFLOW = 65534;

    /** Linux: {@code UID_GID_MAP_MAX_EXTENTS}. */
    public static final int EXTENTS_MAX = 340;

    static final int NONE = -1;

    /** Maps nothing. */
    static final IdMap EMPTY = new IdMap(new int[0]);

    /** Every id is itself. */
    static final IdMap IDENTITY = new IdMap(new int[] {0, 0, -1});

    /** Three for each extent: first id inside, first id of the kernel, count. */
    private final int[] extents;

    /**
     * Makes a map.
     *
     * @param extents three ints for each extent: first id inside, first kernel id, count
     */
    public IdMap(int[] extents) {
        this.extents = extents;
    }

    public int size() {
        return extents.length / 3;
    }

    public boolean isEmpty() {
        return extents.length == 0;
    }

    /** The first id inside of an extent. */
    public int first(int extent) {
        return extents[extent * 3];
    }

    /** The first kernel id of an extent. */
    public int kernelFirst(int extent) {
        return extents[extent * 3 + 1];
    }

    public int count(int extent) {
        return extents[extent * 3 + 2];
    }

    /** The kernel's id for an id inside (Linux: {@code make_kuid}); -1 if there is none. */
    public int toKernel(int id) {
        return translate(extents, id, 0, 1, 1);
    }

    /** The kernel's ids for a range inside; the first, or -1 if it is not inside one extent. */
    public int rangeToKernel(int first, int count) {
        return translate(extents, first, 0, 1, count);
    }

    /** The id inside for a kernel id (Linux: {@code from_kuid}); -1 if there is none. */
    public int fromKernel(int id) {
        return translate(extents, id, 1, 0, 1);
    }

    private static int translate(int[] extents, int id, int from, int to, int count) {
        long wanted = id & 0xffff_ffffL;
        for (int i = 0; i < extents.length; i += 3) {
            long first = extents[i + from] & 0xffff_ffffL;
            long size = extents[i + 2] & 0xffff_ffffL;
            if (wanted >= first && wanted + (count & 0xffff_ffffL) <= first + size) {
                return extents[i + to] + (int) (wanted - first);
            }
        }
        return NONE;
    }
}
