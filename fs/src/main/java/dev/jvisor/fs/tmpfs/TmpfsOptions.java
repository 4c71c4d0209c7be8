// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tmpfs;

import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/**
 * Mount options of tmpfs(5).
 *
 * @param pagesMax limit of data, in pages of 4096 bytes; 0 for none
 * @param inodesMax 0 for none
 * @param mode permission bits of the root directory
 */
public record TmpfsOptions(long pagesMax, long inodesMax, int mode, int uid, int gid) {

    private static final int PAGE_BYTES = 4096;

    /** No limits. */
    static final TmpfsOptions UNLIMITED = new TmpfsOptions(0, 0, 01777, 0, 0);

    static TmpfsOptions defaults(CallContext context, long memoryBytes) {
        long half = memoryBytes / 2 / PAGE_BYTES;
        return new TmpfsOptions(
                half,
                Math.min(half, Tmpfs.inodesMax()),
                01777,
                context.credentials().fsuid(),
                context.credentials().fsgid());
    }

    /**
     * Parses the data string of mount(2) over defaults.
     *
     * @param memoryBytes what per cents are of
     * @throws ErrnoException EINVAL for an unknown option or a bad value
     */
    public static TmpfsOptions parse(
            CallContext context, String data, TmpfsOptions defaults, long memoryBytes)
            throws ErrnoException {
        UserNamespace users = context.credentials().userNamespace();
        long pages = defaults.pagesMax;
        long inodes = defaults.inodesMax;
        int mode = defaults.mode;
        int uid = defaults.uid;
        int gid = defaults.gid;
        int position = 0;
        while (position < data.length()) {
            int comma = data.indexOf(',', position);
            int end = comma < 0 ? data.length() : comma;
            String option = data.substring(position, end);
            position = end + 1;
            int equals = option.indexOf('=');
            String key = equals < 0 ? option : option.substring(0, equals);
            String value = equals < 0 ? "" : option.substring(equals + 1);
            switch (key) {
                case "size" -> pages = (bytes(value, memoryBytes) + PAGE_BYTES - 1) / PAGE_BYTES;
                case "nr_blocks" -> pages = bytes(value, 0);
                case "nr_inodes" -> {
                    long wanted = bytes(value, 0);
                    inodes = wanted == 0 ? Tmpfs.inodesMax() : wanted;
                }
                case "mode" -> mode = (int) number(value, 8) & 07777;
                case "uid" -> uid = mapped(users.kernelUid((int) number(value, 10)));
                case "gid" -> gid = mapped(users.kernelGid((int) number(value, 10)));
                case "", "huge", "mpol", "inode32", "inode64", "noswap" -> {}
                default -> throw Errno.EINVAL.exception();
            }
        }
        return new TmpfsOptions(pages, inodes, mode, uid, gid);
    }

    /** EINVAL for an id without a name in the mounter's user namespace. */
    private static int mapped(int kernelId) throws ErrnoException {
        if (kernelId == -1) {
            throw Errno.EINVAL.exception();
        }
        return kernelId;
    }

    private static long bytes(String value, long memoryBytes) throws ErrnoException {
        if (value.isEmpty()) {
            throw Errno.EINVAL.exception();
        }
        String digits = value.substring(0, value.length() - 1);
        return switch (value.charAt(value.length() - 1)) {
            case 'k', 'K' -> shifted(digits, 10);
            case 'm', 'M' -> shifted(digits, 20);
            case 'g', 'G' -> shifted(digits, 30);
            case 't', 'T' -> shifted(digits, 40);
            case '%' -> memoryBytes / 100 * Math.min(100, number(digits, 10));
            default -> number(value, 10);
        };
    }

    private static long shifted(String digits, int bits) throws ErrnoException {
        long n = number(digits, 10);
        if (n > Long.MAX_VALUE >> bits) {
            throw Errno.EINVAL.exception();
        }
        return n << bits;
    }

    private static long number(String digits, int radix) throws ErrnoException {
        try {
            long n = Long.parseLong(digits, radix);
            if (n >= 0) {
                return n;
            }
        } catch (NumberFormatException e) {
            // below
        }
        throw Errno.EINVAL.exception();
    }

    /** As /proc/mounts shows them, without limits that are the default. */
    String render(TmpfsOptions defaults) {
        StringBuilder text = new StringBuilder();
        if (pagesMax != defaults.pagesMax) {
            text.append(",size=").append(pagesMax * (PAGE_BYTES / 1024)).append('k');
        }
        if (inodesMax != defaults.inodesMax) {
            text.append(",nr_inodes=").append(inodesMax);
        }
        if (mode != 01777) {
            text.append(",mode=").append(Integer.toOctalString(mode));
        }
        if (uid != 0) {
            text.append(",uid=").append(uid);
        }
        if (gid != 0) {
            text.append(",gid=").append(gid);
        }
        return text.append(",inode64").toString();
    }
}
