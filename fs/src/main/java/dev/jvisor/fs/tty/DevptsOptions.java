// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tty;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/**
 * Mount options of devpts.
 *
 * @param uid owner of new slaves, -1 for whoever makes them; likewise {@code gid}
 * @param mode permission bits of new slaves, and {@code ptmxMode} of ptmx
 * @param max how many slaves there can be
 */
record DevptsOptions(int uid, int gid, int mode, int ptmxMode, int max) {

    /** Linux: {@code NR_UNIX98_PTY_MAX}. */
    private static final int SLAVES_MAX = 1 << 20;

    static final DevptsOptions DEFAULT = new DevptsOptions(-1, -1, 0600, 0, SLAVES_MAX);

    /**
     * Parses options over others.
     *
     * @throws ErrnoException EINVAL for an unknown option or a bad value
     */
    static DevptsOptions parse(String data, DevptsOptions over) throws ErrnoException {
        DevptsOptions result = over;
        for (int from = 0; from < data.length(); ) {
            int comma = data.indexOf(',', from);
            int end = comma < 0 ? data.length() : comma;
            result = result.with(data.substring(from, end));
            from = end + 1;
        }
        return result;
    }

    private DevptsOptions with(String option) throws ErrnoException {
        int equals = option.indexOf('=');
        String key = equals < 0 ? option : option.substring(0, equals);
        String value = equals < 0 ? "" : option.substring(equals + 1);
        return switch (key) {
            case "", "newinstance" -> this;
            case "uid" -> new DevptsOptions(number(value, 10), gid, mode, ptmxMode, max);
            case "gid" -> new DevptsOptions(uid, number(value, 10), mode, ptmxMode, max);
            case "mode" -> new DevptsOptions(uid, gid, number(value, 8) & 07777, ptmxMode, max);
            case "ptmxmode" -> new DevptsOptions(uid, gid, mode, number(value, 8) & 07777, max);
            case "max" -> {
                int n = number(value, 10);
                if (n > SLAVES_MAX) {
                    throw Errno.EINVAL.exception();
                }
                yield new DevptsOptions(uid, gid, mode, ptmxMode, n);
            }
            default -> throw Errno.EINVAL.exception();
        };
    }

    private static int number(String digits, int radix) throws ErrnoException {
        try {
            int n = Integer.parseInt(digits, radix);
            if (n >= 0) {
                return n;
            }
        } catch (NumberFormatException e) {
            // below
        }
        throw Errno.EINVAL.exception();
    }

    /** As /proc/mounts shows them. */
    String render() {
        StringBuilder text = new StringBuilder();
        if (uid >= 0) {
            text.append(",uid=").append(uid);
        }
        if (gid >= 0) {
            text.append(",gid=").append(gid);
        }
        appendMode(text.append(",mode="), mode);
        appendMode(text.append(",ptmxmode="), ptmxMode);
        if (max < SLAVES_MAX) {
            text.append(",max=").append(max);
        }
        return text.toString();
    }

    private static void appendMode(StringBuilder text, int mode) {
        String octal = Integer.toOctalString(mode);
        text.append("000", 0, Math.max(0, 3 - octal.length())).append(octal);
    }
}
