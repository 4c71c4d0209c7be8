// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.route;

import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.inet.link.NetInterface;

import org.jspecify.annotations.Nullable;

/**
 * A route (Linux: {@code struct fib_info}, {@code struct fib6_info}).
 *
 * @param table {@code RT_TABLE_*}
 * @param type {@code RTN_*}
 * @param scope {@code RT_SCOPE_*}
 * @param origin {@code RTPROT_*}
 * @param priority metric: the lowest wins among equal prefixes
 * @param source preferred source address
 */
public record Route(
        IpAddress prefix,
        int prefixBits,
        int table,
        int type,
        int scope,
        int origin,
        int priority,
        NetInterface output,
        @Nullable IpAddress gateway,
        @Nullable IpAddress source) {

    /** Whether two are for the same destinations in the same table. */
    boolean isSamePlace(Route other) {
        return table == other.table
                && prefixBits == other.prefixBits
                && priority == other.priority
                && prefix.equals(other.prefix);
    }
}
