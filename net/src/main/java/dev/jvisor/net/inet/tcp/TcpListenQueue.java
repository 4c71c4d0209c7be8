// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Connections that a listening socket is asked for: those being opened, and those to be accepted
 * (Linux: {@code request_sock_queue}). Guarded by the listener's lock.
 */
final class TcpListenQueue {

    int backlog;
    private final Set<TcpRequest> requests = new LinkedHashSet<>();
    private final ArrayDeque<TcpEndpoint> accepted = new ArrayDeque<>();

    TcpListenQueue(int backlog) {
        this.backlog = backlog;
    }

    boolean isFull() {
        return accepted.size() > backlog;
    }

    /** Whether one more may begin to open. */
    boolean hasRoomForRequest(int synBacklogMax) {
        return requests.size() < Math.max(8, Math.min(backlog, synBacklogMax)) + 1;
    }

    void add(TcpRequest request) {
        requests.add(request);
    }

    boolean remove(TcpRequest request) {
        return requests.remove(request);
    }

    void offer(TcpEndpoint connection) {
        accepted.add(connection);
    }

    @Nullable
    TcpEndpoint poll() {
        return accepted.poll();
    }

    int length() {
        return accepted.size();
    }

    List<TcpRequest> takeRequests() {
        List<TcpRequest> all = new ArrayList<>(requests);
        requests.clear();
        return all;
    }

    List<TcpRequest> requests() {
        return new ArrayList<>(requests);
    }

    List<TcpEndpoint> takeConnections() {
        List<TcpEndpoint> all = new ArrayList<>(accepted);
        accepted.clear();
        return all;
    }
}
