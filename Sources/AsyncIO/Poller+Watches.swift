internal import CEpoll
internal import Glibc
internal import Synchronization

extension Poller {
  /// Hands `handler` the events of a descriptor as long as it can be read or written, whichever is wished
  /// for; neither: no longer.
  func watch(
    _ ticket: Ticket, _ descriptor: Int32, read: Bool, write: Bool,
    _ handler: @escaping @Sendable (UInt32) -> Void
  ) {
    var event = epoll_event(
      events: (read ? EPOLLIN.rawValue | EPOLLRDHUP.rawValue : 0)
        | (write ? EPOLLOUT.rawValue : 0),
      data: epoll_data_t(u64: ticket))
    state.withLock { state in
      let wasWatched = state.watches.removeValue(forKey: ticket) != nil
      // Whoever wishes for nothing would still be told of an error, again and again.
      guard read || write else {
        if wasWatched { epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil) }
        return
      }
      state.watches[ticket] = handler
      epoll_ctl(epoll, wasWatched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event)
    }
  }

  /// Forgets a timer, if it has not run out.
  func forget(_ ticket: Ticket) {
    state.withLock { _ = $0.waits.removeValue(forKey: ticket) }
  }
}
