// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.core;

import dev.jvisor.net.inet.ip.IpAddress;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntPredicate;

/**
 * Who has which port of a protocol (Linux: {@code inet_bind_hashbucket}, {@code udp_table}).
 *
 * <p>The monitor guards everything; it is a leaf.
 */
public final class PortTable {

    private final Settings settings;
    private final boolean isStream;
    private final Map<Integer, Set<PortUser>> users = new HashMap<>();

    /** @param isStream whether listening and reuse follow TCP's rules rather than UDP's */
    public PortTable(Settings settings, boolean isStream) {
        this.settings = settings;
        this.isStream = isStream;
    }

    /**
     * Takes a port.
     *
     * @param wanted 0 for any of the local range
     * @return the port, 0 if it is in use (EADDRINUSE)
     */
    public synchronized int bind(PortUser user, int wanted) {
        if (wanted != 0) {
            if (conflicts(user, wanted, true)) {
                return 0;
            }
            add(user, wanted);
            return wanted;
        }
        int first = settings.portFirst;
        int pairs = (settings.portLast - first) / 2 + 1;
        int start = ThreadLocalRandom.current().nextInt(pairs);
        // Odd ports first: connect(2) takes the even ones.
        for (int odd = 1; odd >= 0; odd--) {
            for (int i = 0; i < pairs; i++) {
                int port = first + (start + i) % pairs * 2 + odd;
                if (port <= settings.portLast
                        && (isStream ? !conflicts(user, port, false) : !users.containsKey(port))) {
                    add(user, port);
                    return port;
                }
            }
        }
        return isStream ? 0 : shareAny(user);
    }

    /** Any port that others have too but do not mind. */
    private int shareAny(PortUser user) {
        for (int port = settings.portFirst; port <= settings.portLast; port++) {
            if (!conflicts(user, port, false)) {
                add(user, port);
                return port;
            }
        }
        return 0;
    }

    /**
     * Takes a port for a connection (Linux: {@code __inet_hash_connect}).
     *
     * @param isFree whether a port makes a connection that is not there yet; takes it if so
     * @return the port, 0 if there is none (EADDRNOTAVAIL)
     */
    public synchronized int bindForConnect(PortUser user, IntPredicate isFree) {
        int first = settings.portFirst;
        int pairs = (settings.portLast - first) / 2 + 1;
        int start = ThreadLocalRandom.current().nextInt(pairs);
        for (int odd = 0; odd <= 1; odd++) {
            for (int i = 0; i < pairs; i++) {
                int port = first + (start + i) % pairs * 2 + odd;
                if (port <= settings.portLast && isForConnections(port) && isFree.test(port)) {
                    add(user, port);
                    return port;
                }
            }
        }
        return 0;
    }

    private boolean isForConnections(int port) {
        Set<PortUser> all = users.get(port);
        if (all != null) {
            for (PortUser u : all) {
                if (!u.isConnectOnly()) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Whether one that has the port may begin to listen. */
    public synchronized boolean mayListen(PortUser user, int port) {
        return !conflicts(user, port, true);
    }

    /** Adds another user of a port in use (an accepted connection, TIME_WAIT). */
    public synchronized void share(PortUser user, int port) {
        add(user, port);
    }

    /** Gives a port up. */
    public synchronized void release(PortUser user, int port) {
        Set<PortUser> all = users.get(port);
        if (all != null && all.remove(user) && all.isEmpty()) {
            users.remove(port);
        }
    }

    private void add(PortUser user, int port) {
        Set<PortUser> all = users.get(port);
        if (all == null) {
            all = new LinkedHashSet<>(2);
            users.put(port, all);
        }
        all.add(user);
    }

    /** Whether a user of the port is in the way; {@code explicit}: the caller chose the port. */
    private boolean conflicts(PortUser user, int port, boolean explicit) {
        Set<PortUser> all = users.get(port);
        if (all != null) {
            for (PortUser other : all) {
                if (other != user && overlap(user, other) && excludes(user, other, explicit)) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean excludes(PortUser user, PortUser other, boolean explicit) {
        boolean sharesPort = user.reusesPort()
                && other.reusesPort()
                && (other.isTimeWait() || user.userId() == other.userId());
        if (isStream) {
            boolean sharesAddress =
                    user.reusesAddress() && other.reusesAddress() && !other.isListening();
            return !explicit || !sharesAddress && !sharesPort;
        }
        return !(user.reusesAddress() && other.reusesAddress()) && !sharesPort;
    }

    /** Whether two have an address in common (Linux: {@code inet_rcv_saddr_equal}). */
    static boolean overlap(PortUser a, PortUser b) {
        int deviceA = a.boundInterface();
        int deviceB = b.boundInterface();
        if (deviceA != 0 && deviceB != 0 && deviceA != deviceB) {
            return false;
        }
        IpAddress x = a.boundAddress();
        IpAddress y = b.boundAddress();
        if (x.isV4() == y.isV4()) {
            return x.isAny() || y.isAny() || x.equals(y);
        }
        PortUser six = x.isV4() ? b : a;
        return six.boundAddress().isAny() && !six.isV6Only();
    }

    /** A user of a port for which a condition holds, or null. */
    public synchronized @Nullable PortUser find(
            int port, java.util.function.Predicate<PortUser> condition) {
        Set<PortUser> all = users.get(port);
        if (all != null) {
            for (PortUser u : all) {
                if (condition.test(u)) {
                    return u;
                }
            }
        }
        return null;
    }
}
