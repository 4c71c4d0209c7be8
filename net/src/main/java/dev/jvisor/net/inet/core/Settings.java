// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.core;

import dev.jvisor.net.inet.ip.IpAddress;

/**
 * The tunables of a stack, with Linux's defaults ({@code /proc/sys/net}). Plain values that any
 * thread may read; {@link #store} changes those that have a meaning here.
 */
public final class Settings {

    public volatile int portFirst = 32768;
    public volatile int portLast = 60999;
    public volatile int unprivilegedPortFirst = 1024;
    public volatile boolean bindsNonLocal;
    public volatile int defaultTtl = 64;
    public volatile int pingGroupFirst = 1;
    public volatile int pingGroupLast;
    public volatile int tcpFinTimeoutSeconds = 60;
    public volatile int tcpKeepIdleSeconds = 7200;
    public volatile int tcpKeepIntervalSeconds = 75;
    public volatile int tcpKeepProbes = 9;
    public volatile int tcpSynRetries = 6;
    public volatile int tcpSynAckRetries = 5;
    public volatile int tcpRetries = 15;
    public volatile int tcpMaxSynBacklog = 1024;
    public volatile int tcpMaxTimeWaits = 32768;
    public volatile boolean tcpSack = true;
    public volatile boolean tcpTimestamps = true;
    public volatile boolean tcpWindowScaling = true;
    public volatile boolean tcpAbortOnOverflow;
    public volatile int tcpReceiveDefaultBytes = 131072;
    public volatile int tcpReceiveMaxBytes = 6 << 20;
    public volatile int tcpSendDefaultBytes = 16384;
    public volatile int tcpSendMaxBytes = 4 << 20;
    public volatile String tcpCongestion = "cubic";
    public volatile boolean bindV6Only;

    /**
     * Takes the value of a file below {@code /proc/sys/net} that was written.
     *
     * @param path as {@code net/ipv4/tcp_fin_timeout}
     */
    public void store(String path, String value) {
        int[] v = numbers(value);
        int first = v.length > 0 ? v[0] : 0;
        switch (path) {
            case "net/ipv4/ip_local_port_range" -> {
                if (v.length == 2 && v[0] > 0 && v[0] <= v[1] && v[1] < 65536) {
                    portFirst = v[0];
                    portLast = v[1];
                }
            }
            case "net/ipv4/ping_group_range" -> {
                if (v.length == 2) {
                    pingGroupFirst = v[0];
                    pingGroupLast = v[1];
                }
            }
            case "net/ipv4/tcp_rmem" -> {
                if (v.length == 3) {
                    tcpReceiveDefaultBytes = bounded(v[1]);
                    tcpReceiveMaxBytes = bounded(v[2]);
                }
            }
            case "net/ipv4/tcp_wmem" -> {
                if (v.length == 3) {
                    tcpSendDefaultBytes = bounded(v[1]);
                    tcpSendMaxBytes = bounded(v[2]);
                }
            }
            case "net/ipv4/ip_unprivileged_port_start" -> unprivilegedPortFirst = first;
            case "net/ipv4/ip_nonlocal_bind" -> bindsNonLocal = first != 0;
            case "net/ipv4/ip_default_ttl" -> defaultTtl = Math.clamp(first, 1, 255);
            case "net/ipv4/tcp_congestion_control" -> tcpCongestion = value.trim();
            case "net/ipv6/bindv6only" -> bindV6Only = first != 0;
            default -> storeTcp(path, first);
        }
    }

    private void storeTcp(String path, int value) {
        switch (path) {
            case "net/ipv4/tcp_fin_timeout" -> tcpFinTimeoutSeconds = Math.max(0, value);
            case "net/ipv4/tcp_keepalive_time" -> tcpKeepIdleSeconds = Math.max(1, value);
            case "net/ipv4/tcp_keepalive_intvl" -> tcpKeepIntervalSeconds = Math.max(1, value);
            case "net/ipv4/tcp_keepalive_probes" -> tcpKeepProbes = Math.max(1, value);
            case "net/ipv4/tcp_syn_retries" -> tcpSynRetries = Math.clamp(value, 1, 127);
            case "net/ipv4/tcp_synack_retries" -> tcpSynAckRetries = Math.clamp(value, 0, 127);
            case "net/ipv4/tcp_retries2" -> tcpRetries = Math.clamp(value, 1, 127);
            case "net/ipv4/tcp_max_syn_backlog" -> tcpMaxSynBacklog = Math.clamp(value, 1, 65536);
            case "net/ipv4/tcp_max_tw_buckets" -> tcpMaxTimeWaits = Math.clamp(value, 0, 65536);
            case "net/ipv4/tcp_sack" -> tcpSack = value != 0;
            case "net/ipv4/tcp_timestamps" -> tcpTimestamps = value != 0;
            case "net/ipv4/tcp_window_scaling" -> tcpWindowScaling = value != 0;
            case "net/ipv4/tcp_abort_on_overflow" -> tcpAbortOnOverflow = value != 0;
            default -> {} // kept by procfs only
        }
    }

    private static int bounded(int bytes) {
        return Math.clamp(bytes, 4096, 16 << 20);
    }

    private static int[] numbers(String text) {
        String[] words = text.trim().split("[ \t]+");
        int[] result = new int[words.length];
        for (int i = 0; i < words.length; i++) {
            try {
                result[i] = Integer.parseInt(words[i]);
            } catch (NumberFormatException e) {
                return new int[0];
            }
        }
        return result;
    }

    /** Whether binding to a port needs CAP_NET_BIND_SERVICE. */
    public boolean isPrivileged(int port) {
        return port != 0 && port < unprivilegedPortFirst;
    }

    /** Largest segment's payload that is announced on an interface, bytes. */
    public static int advertisedMss(int mtuBytes, IpAddress local) {
        int headers = local.isV4() ? 40 : 60;
        return Math.min(mtuBytes, local.isV4() ? 65535 : 65575) - headers;
    }
}
