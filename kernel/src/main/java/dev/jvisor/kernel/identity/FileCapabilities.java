// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.identity;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;

import org.jspecify.annotations.Nullable;

/**
 * The capabilities that a program's file gives, attribute {@code security.capability} (Linux:
 * {@code struct vfs_ns_cap_data}).
 *
 * @param effective whether they are effective at once
 */
public record FileCapabilities(long permitted, long inheritable, boolean effective) {

    private static final String ATTRIBUTE = "security.capability";

    // uapi/linux/capability.h
    private static final int REVISION_MASK = 0xff000000;
    private static final int REVISION_1 = 0x01000000;
    private static final int REVISION_2 = 0x02000000;
    private static final int REVISION_3 = 0x03000000;
    private static final int FLAGS_EFFECTIVE = 1;
    private static final int SIZE_1 = 12;
    private static final int SIZE_2 = 20;
    private static final int SIZE_3 = 24;

    /** Those of a file; null if it has none that count for these credentials. */
    public static @Nullable FileCapabilities of(CallContext context, Inode file, Credentials who) {
        byte[] value;
        try {
            value = file.getXattr(context, ATTRIBUTE);
        } catch (ErrnoException none) {
            return null;
        }
        return value == null ? null : parse(value, who.userNamespace().kernelUid(0));
    }

    /**
     * Decodes the attribute.
     *
     * @param root the user for whose namespace they have to be
     */
    static @Nullable FileCapabilities parse(byte[] value, int root) {
        if (value.length < SIZE_1) {
            return null;
        }
        int magic = LittleEndian.getInt(value, 0);
        int size = switch (magic & REVISION_MASK) {
            case REVISION_1 -> SIZE_1;
            case REVISION_2 -> SIZE_2;
            case REVISION_3 -> SIZE_3;
            default -> -1;
        };
        int owner = size == SIZE_3 && value.length == size ? LittleEndian.getInt(value, SIZE_2) : 0;
        if (value.length != size || owner != root) {
            return null;
        }
        long permitted = LittleEndian.getInt(value, 4) & 0xffff_ffffL;
        long inheritable = LittleEndian.getInt(value, 8) & 0xffff_ffffL;
        if (size > SIZE_1) {
            permitted |= (long) LittleEndian.getInt(value, 12) << 32;
            inheritable |= (long) LittleEndian.getInt(value, 16) << 32;
        }
        return new FileCapabilities(
                permitted & Credentials.ALL_CAPABILITIES,
                inheritable & Credentials.ALL_CAPABILITIES,
                (magic & FLAGS_EFFECTIVE) != 0);
    }

    /** What a program gets of them. */
    long grantedTo(Credentials who) {
        return who.bounding() & permitted | who.inheritable() & inheritable;
    }

    /**
     * Whether a program that relies on them cannot run: it does not know how to do without, and
     * would not get all (EPERM).
     */
    public boolean refusesToRun(Credentials who) {
        return effective && (permitted & ~grantedTo(who)) != 0;
    }
}
