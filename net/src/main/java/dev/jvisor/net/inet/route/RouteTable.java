// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.route;

import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.inet.link.NetInterface;
import dev.jvisor.platform.abi.Netlink;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * All routes of a namespace, in the tables "local" and "main" (Linux: the FIB with its default
 * rules: local first, then main). Readers take no lock.
 */
public final class RouteTable {

    /** How many routes a guest can add. */
    private static final int ROUTES_MAX = 4096;

    private static final Route[] NONE = {};

    private volatile Route[] routes = NONE;

    /** All routes in the order they were added; not to be changed. */
    public Route[] routes() {
        return routes;
    }

    /**
     * Adds a route.
     *
     * @return false if there is one for the same place, or too many
     */
    public synchronized boolean add(Route route) {
        for (Route r : routes) {
            if (r.isSamePlace(route) && (route.prefix().isV4() || r.output() == route.output())) {
                return false;
            }
        }
        if (routes.length >= ROUTES_MAX) {
            return false;
        }
        Route[] more = java.util.Arrays.copyOf(routes, routes.length + 1);
        more[routes.length] = route;
        routes = more;
        return true;
    }

    /** Removes a route; false if it is not there. */
    public synchronized boolean remove(Route route) {
        List<Route> left = new ArrayList<>();
        boolean found = false;
        for (Route r : routes) {
            if (!found && r.equals(route)) {
                found = true;
            } else {
                left.add(r);
            }
        }
        routes = left.toArray(NONE);
        return found;
    }

    /** Removes the routes of an interface. */
    public synchronized void removeAll(NetInterface output) {
        List<Route> left = new ArrayList<>();
        for (Route r : routes) {
            if (r.output() != output) {
                left.add(r);
            }
        }
        routes = left.toArray(NONE);
    }

    /** The route to a destination, null if there is none (ENETUNREACH). */
    public @Nullable Route lookup(IpAddress destination) {
        Route local = longest(destination, Netlink.RT_TABLE_LOCAL);
        return local != null ? local : longest(destination, Netlink.RT_TABLE_MAIN);
    }

    /** Whether packets to an address are for this machine. */
    public boolean isLocal(IpAddress address) {
        Route r = longest(address, Netlink.RT_TABLE_LOCAL);
        return r != null && r.type() == Netlink.RTN_LOCAL;
    }

    private @Nullable Route longest(IpAddress destination, int table) {
        Route best = null;
        for (Route r : routes) {
            if (r.table() == table
                    && destination.matches(r.prefix(), r.prefixBits())
                    && (best == null
                            || r.prefixBits() > best.prefixBits()
                            || r.prefixBits() == best.prefixBits()
                                    && r.priority() < best.priority())) {
                best = r;
            }
        }
        return best;
    }
}
